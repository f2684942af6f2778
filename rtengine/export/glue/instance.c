/* One running graph: its memory, its threads, and the buffers that come in and go out. */
#define _GNU_SOURCE
#include "plugin.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

enum { PIECE = 256, LINE = 64, LOADED_HEADROOM = 512 }; /* samples at once; bytes; as rtengine/export/image.py */
enum { SELF, WORK, DATA, TIME };
enum { NAP = 1000000, REST = 5000000, TIRED = 150, MOMENT = 50000 }; /* ns, ns, naps, ns: rtengine/native/worker.py */
enum { WORK_PRIORITY = 5, LONG_PRIORITY = 4, MOST_THREADS = 16 };
static const float FADE = .01f; /* seconds from wet to dry */

typedef struct {
    Instance *instance;
    pthread_t thread;
    int64_t number;
    _Atomic uint32_t seen; /* the order that this thread keeps to */
} Worker;

struct Instance {
    const Plugin *plugin;
    const Image *image; /* NULL while it is not active */
    unsigned char *memory, *room;
    float *in, *out, *line;
    uint32_t latency, headroom, mask, position, started;
    float wet, step;
    _Atomic float *wanted; /* by parameter: what it is to be; `taken` is what the graph has been told */
    float *taken;
    bool begun; /* whether a sample has been played since the start */
    _Atomic uint32_t order; /* even: work; odd: rest, and say that you do; LEAVE: end */
    _Atomic bool clear; /* a thread at rest is to make the memory as it was at the start */
    Worker workers[MOST_THREADS];
};

static const uint32_t LEAVE = UINT32_MAX;

static void nap(long nanoseconds) { nanosleep(&(struct timespec){0, nanoseconds}, NULL); }

static void flush_denormals(void) {
#ifdef __SSE2__
    _mm_setcsr(_mm_getcsr() | 0x8040);
#elif defined(__aarch64__)
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("msr fpcr, %0" ::"r"(mode | 1u << 24));
#endif
}

static void fill(Instance *i) {
    const Image *image = i->image;
    memset(i->memory, 0, image->size);
    for (uint32_t r = 0; r < image->run_count; r++)
        memcpy(i->memory + image->runs[r].offset, pool + image->runs[r].source, image->runs[r].length);
    for (uint32_t f = 0; f < image->fix_count; f++) {
        Fix fix = image->fixes[f];
        int64_t *word = (int64_t *)(i->memory + fix.offset);
        switch (fix.kind) {
        case SELF: *word = (int64_t)(intptr_t)i->memory; break;
        case WORK: *word = (int64_t)(intptr_t)image->work; break;
        case DATA: *word = (int64_t)(intptr_t)(pool + fix.value); break;
        case TIME: *word += (int64_t)i->headroom - LOADED_HEADROOM; break;
        }
    }
}

static void *keep_working(void *argument) {
    Worker *worker = argument;
    Instance *i = worker->instance;
    uint32_t idle = 0, order;
    flush_denormals();
    while ((order = atomic_load_explicit(&i->order, memory_order_acquire)) != LEAVE) {
        if (order & 1) {
            atomic_store_explicit(&worker->seen, order, memory_order_release);
            bool alone = worker->number == 0;
            for (uint32_t t = 1; t < i->started; t++)
                alone = alone && atomic_load_explicit(&i->workers[t].seen, memory_order_acquire) == order;
            if (alone && atomic_load_explicit(&i->clear, memory_order_acquire)) {
                fill(i);
                atomic_store_explicit(&i->clear, false, memory_order_release);
            }
            nap(NAP);
        } else if (i->image->work(i->memory, worker->number, 1) > 0) {
            idle = 0;
        } else {
            nap(++idle < TIRED ? NAP : REST);
        }
    }
    return NULL;
}

static bool at_rest(const Instance *i) {
    for (uint32_t t = 0; t < i->started; t++)
        if (atomic_load_explicit(&i->workers[t].seen, memory_order_acquire) != i->order) return false;
    return true;
}

static void hurry(pthread_t thread, int priority) { /* where the system lets us: as rtengine/native/priority.py */
#ifdef __linux__
    pthread_setschedparam(thread, SCHED_RR | SCHED_RESET_ON_FORK, &(struct sched_param){.sched_priority = priority});
#endif
}

static bool start_threads(Instance *i) {
    atomic_store(&i->order, 1); /* at rest until the first buffer says whether it is in a hurry */
    for (uint32_t t = 0; t < i->plugin->threads; t++) {
        Worker *worker = &i->workers[t];
        worker->instance = i, worker->number = t;
        atomic_store(&worker->seen, 0);
    }
    i->started = i->plugin->threads;
    for (uint32_t t = 0; t < i->plugin->threads; t++) {
        if (pthread_create(&i->workers[t].thread, NULL, keep_working, &i->workers[t])) {
            i->started = t;
            return false;
        }
        hurry(i->workers[t].thread, t ? LONG_PRIORITY : WORK_PRIORITY);
    }
    return true;
}

static const Image *image_for(const Plugin *plugin, double rate) {
    for (uint32_t k = 0; k < plugin->image_count; k++)
        if (fabs(plugin->images[k].rate - rate) < .5) return &plugin->images[k];
    return NULL;
}

bool instance_has_rate(const Plugin *plugin, double rate) { return image_for(plugin, rate) != NULL; }

static bool can_run(void) {
#ifdef NEEDED
    return __builtin_cpu_supports(NEEDED);
#else
    return true;
#endif
}

Instance *instance_new(const Plugin *plugin) {
    Instance *i = can_run() ? calloc(1, sizeof *i) : NULL;
    if (!i) return NULL;
    i->plugin = plugin;
    i->wanted = calloc(plugin->parameter_count + 1, sizeof *i->wanted);
    i->taken = calloc(plugin->parameter_count + 1, sizeof *i->taken);
    if (!i->wanted || !i->taken) {
        instance_free(i);
        return NULL;
    }
    for (uint32_t p = 0; p < plugin->parameter_count; p++) atomic_store(&i->wanted[p], plugin->parameters[p].start);
    return i;
}

void instance_free(Instance *i) {
    if (!i) return;
    instance_deactivate(i);
    free(i->wanted);
    free(i->taken);
    free(i);
}

bool instance_activate(Instance *i, double rate, uint32_t frames) {
    const Plugin *plugin = i->plugin;
    instance_deactivate(i);
    const Image *image = i->image = image_for(plugin, rate);
    if (!image) return false;
    i->headroom = frames + image->slack;
    i->latency = image->latency + (plugin->threads ? i->headroom - LOADED_HEADROOM : 0);
    uint32_t length = PIECE;
    while (length < i->latency + PIECE) length *= 2;
    i->mask = length - 1, i->position = 0, i->wet = 1, i->step = 1 / (FADE * (float)rate);
    i->room = malloc(image->size + LINE);
    i->in = calloc((size_t)PIECE * plugin->inputs, sizeof(float));
    i->out = calloc((size_t)PIECE * plugin->outputs, sizeof(float));
    i->line = calloc((size_t)length * plugin->inputs, sizeof(float));
    if (!i->room || !i->in || !i->out || !i->line) {
        instance_deactivate(i);
        return false;
    }
    i->memory = i->room + (LINE - (uintptr_t)i->room % LINE) % LINE;
    i->clear = false;
    fill(i);
    i->begun = false;
    for (uint32_t p = 0; p < plugin->parameter_count; p++) i->taken[p] = plugin->parameters[p].start;
    if (start_threads(i)) return true;
    instance_deactivate(i);
    return false;
}

void instance_deactivate(Instance *i) {
    atomic_store(&i->order, LEAVE);
    for (uint32_t t = 0; t < i->started; t++) pthread_join(i->workers[t].thread, NULL);
    free(i->room), free(i->in), free(i->out), free(i->line);
    i->room = i->memory = NULL, i->in = i->out = i->line = NULL, i->image = NULL, i->started = 0;
}

void instance_set(Instance *i, uint32_t p, float value) {
    const Parameter *about = &i->plugin->parameters[p];
    if (isnan(value)) return;
    if (about->step) value = rintf(value);
    value = fminf(fmaxf(value, about->low), about->high);
    atomic_store_explicit(&i->wanted[p], value, memory_order_relaxed);
}

float instance_get(const Instance *i, uint32_t p) { return atomic_load_explicit(&i->wanted[p], memory_order_relaxed); }

uint32_t instance_latency(const Instance *i) { return i->latency; }

/* Whether the memory is the graph's; else a thread is making it anew. */
static bool is_whole(const Instance *i) { return i->image && !atomic_load_explicit(&i->clear, memory_order_acquire); }

float instance_reading(const Instance *i, uint32_t r) {
    return is_whole(i) ? *(const float *)(i->memory + i->image->readings[r]) : 0;
}

int64_t instance_late(const Instance *i) {
    int64_t late = 0;
    for (uint32_t k = 0; is_whole(i) && k < i->image->late_count; k++)
        late += *(const int64_t *)(i->memory + i->image->late[k]);
    return late;
}

/* Tell the graph what has been turned; before the first sample it is there at once. */
static void take(Instance *i) {
    const Image *image = i->image;
    float *targets = (float *)(i->memory + image->targets), *values = (float *)(i->memory + image->values);
    for (uint32_t p = 0; p < i->plugin->parameter_count; p++) {
        float value = instance_get(i, p);
        uint32_t place = i->plugin->parameters[p].place;
        if (value == i->taken[p]) continue;
        i->taken[p] = targets[place] = value;
        i->memory[image->held + place] = 1;
        if (!i->begun) values[place] = value;
    }
}

/* Who does the slow parts: this thread when nobody waits, and the others else. Whether the graph can be run. */
static bool arrange(Instance *i, bool offline) {
    int64_t *inline_ = (int64_t *)(i->memory + i->image->inline_);
    uint32_t order = atomic_load_explicit(&i->order, memory_order_relaxed);
    if (!i->started) return true;
    if (offline && !(order & 1)) atomic_store_explicit(&i->order, ++order, memory_order_release);
    while (offline && (!at_rest(i) || i->clear)) nap(MOMENT);
    if (!offline && atomic_load_explicit(&i->clear, memory_order_acquire)) return false;
    *inline_ = offline;
    if (!offline && order & 1) atomic_store_explicit(&i->order, order + 1, memory_order_release);
    return true;
}

void instance_reset(Instance *i) {
    if (!i->image) return;
    memset(i->line, 0, sizeof(float) * (i->mask + 1) * i->plugin->inputs);
    i->begun = false;
    for (uint32_t p = 0; p < i->plugin->parameter_count; p++) i->taken[p] = i->plugin->parameters[p].start;
    if (!i->started) {
        fill(i);
        return;
    }
    atomic_store_explicit(&i->clear, true, memory_order_release);
    if (!(i->order & 1)) atomic_fetch_add_explicit(&i->order, 1, memory_order_release);
}

static void play(Instance *i, const float *const *in, float *const *out, uint32_t from, uint32_t count, bool bypass) {
    const uint32_t inputs = i->plugin->inputs, outputs = i->plugin->outputs;
    for (uint32_t c = 0; c < inputs; c++)
        for (uint32_t n = 0; n < count; n++) i->in[n * inputs + c] = in[c][from + n];
    i->image->callback(i->in, i->out, count, NULL, 0, i->memory);
    for (uint32_t n = 0; n < count; n++) {
        float *now = i->line + (size_t)(i->position & i->mask) * inputs;
        const float *then = i->line + (size_t)((i->position - i->latency) & i->mask) * inputs;
        for (uint32_t c = 0; c < inputs; c++) now[c] = isfinite(i->in[n * inputs + c]) ? i->in[n * inputs + c] : 0;
        i->position++;
        i->wet = bypass ? fmaxf(i->wet - i->step, 0) : fminf(i->wet + i->step, 1);
        for (uint32_t o = 0; o < outputs; o++) {
            float wet = i->out[n * outputs + o], dry = 0;
            if (i->wet < 1) {
                for (uint32_t c = 0; c < inputs; c++) dry += i->plugin->dry[o * inputs + c] * then[c];
                wet = dry + i->wet * (wet - dry);
            }
            out[o][from + n] = wet;
        }
    }
}

void instance_process(Instance *i, const float *const *in, float *const *out, uint32_t frames, bool bypass,
                      bool offline) {
    if (!i->image || !arrange(i, offline)) {
        for (uint32_t o = 0; o < i->plugin->outputs; o++) memset(out[o], 0, frames * sizeof(float));
        return;
    }
    take(i);
    if (!i->begun && frames) i->wet = bypass ? 0 : 1, i->begun = true;
    for (uint32_t done = 0, count; done < frames; done += count) {
        count = frames - done < PIECE ? frames - done : PIECE;
        play(i, in, out, done, count, bypass);
    }
}
