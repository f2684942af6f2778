/* A small host for both formats: plays a file through a plug-in, and does to it what hosts do.

   host FORMAT FORM CHANNELS RATE PARAMETERS FILE COMMAND ...    prints what it saw, one word and its numbers a line; status 1 if it was wrong.
   LV2's own header says what a plug-in is; CLAP's layout is that of the glue. */
#define _GNU_SOURCE
#include "clap.h"

#include <dlfcn.h>
#include <lv2/atom/atom.h>
#include <lv2/core/lv2.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/options/options.h>
#include <lv2/urid/urid.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 512, CHANNELS = 2, LONGEST = 8192, AFTER = 4 };

#define CHECK(truth) do { if (!(truth)) { fprintf(stderr, "line %d: not %s\n", __LINE__, #truth); exit(1); } } while (0)

typedef struct {
    bool is_clap;
    void *library;
    int form, channels, parameters; /* which plug-in of the bundle; its parameters without the bypass */
    double rate;
    const LV2_Descriptor *lv2;
    LV2_Handle handle;
    float ports[MOST];
    const Effect *clap;
    const Parameters *about;
    const State *state;
    ValueEvent events[MOST];
    uint32_t event_count, shown;
    bool offline;
} Slot;

static const void *no_extension(const Host *host, const char *id) { return (void)host, (void)id, NULL; }
static void no_request(const Host *host) { (void)host; }
static const Host host = {{1, 2, 0}, NULL, "a test", "", "", "1", no_extension, no_request, no_request, no_request};

static char *uris[64];
static int uri_count;
static LV2_URID map(LV2_URID_Map_Handle handle, const char *uri) {
    (void)handle;
    for (int k = 0; k < uri_count; k++)
        if (!strcmp(uris[k], uri)) return (LV2_URID)k + 1;
    uris[uri_count++] = strdup(uri);
    return (LV2_URID)uri_count;
}

static const char *bundle;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void create(Slot *s, const char *path, int longest) {
    s->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!s->library) fprintf(stderr, "%s\n", dlerror());
    CHECK(s->library);
    if (s->is_clap) {
        const Entry *entry = dlsym(s->library, "clap_entry");
        CHECK(entry && entry->init(path));
        const Factory *factory = entry->get_factory("clap.plugin-factory");
        const Descriptor *found = factory->get_plugin_descriptor(factory, (uint32_t)s->form);
        CHECK(!factory->get_plugin_descriptor(factory, factory->get_plugin_count(factory)));
        CHECK(!factory->create_plugin(factory, &host, "nothing") && !entry->get_factory("nothing"));
        s->clap = factory->create_plugin(factory, &host, found->id);
        CHECK(s->clap && s->clap->init(s->clap) && !s->clap->get_extension(s->clap, "nothing"));
        s->about = s->clap->get_extension(s->clap, "clap.params");
        s->state = s->clap->get_extension(s->clap, "clap.state");
        ParameterInfo info;
        while (s->about->get_info(s->clap, (uint32_t)s->parameters, &info) && !(info.flags & BYPASS)) s->parameters++;
        return;
    }
    LV2_Descriptor_Function descriptor = (LV2_Descriptor_Function)dlsym(s->library, "lv2_descriptor");
    CHECK(descriptor && !descriptor(1000));
    s->lv2 = descriptor((uint32_t)s->form);
    LV2_URID_Map urid = {NULL, map};
    int32_t frames = longest;
    LV2_Options_Option options[] = {
        {LV2_OPTIONS_INSTANCE, 0, map(NULL, LV2_BUF_SIZE__maxBlockLength), 4, map(NULL, LV2_ATOM__Int), &frames},
        {LV2_OPTIONS_INSTANCE, 0, 0, 0, 0, NULL}};
    LV2_Feature mapping = {LV2_URID__map, &urid}, given = {LV2_OPTIONS__options, options};
    const LV2_Feature *features[] = {&mapping, &given, NULL};
    CHECK(!s->lv2->instantiate(s->lv2, 12345, "", features));
    s->handle = s->lv2->instantiate(s->lv2, s->rate, "", features);
    CHECK(s->handle);
    for (uint32_t p = (uint32_t)(2 * s->channels); p < MOST; p++) s->lv2->connect_port(s->handle, p, &s->ports[p]);
}

static float *after(Slot *s, int k) { return &s->ports[2 * s->channels + s->parameters + k]; }

static void set(Slot *s, int parameter, float value) {
    ParameterInfo info;
    if (!s->is_clap) {
        s->ports[2 * s->channels + parameter] = value;
        return;
    }
    CHECK(s->about->get_info(s->clap, (uint32_t)parameter, &info) && s->event_count < MOST);
    s->events[s->event_count++] =
        (ValueEvent){{sizeof(ValueEvent), 0, 0, PARAM_VALUE, 0}, info.id, NULL, -1, -1, -1, -1, (double)value};
}

static void start(Slot *s, int longest) {
    if (s->is_clap) {
        const Render *render = s->clap->get_extension(s->clap, "clap.render");
        CHECK(render->set(s->clap, s->offline) && s->clap->activate(s->clap, s->rate, 1, (uint32_t)longest));
        CHECK(s->clap->start_processing(s->clap));
    } else {
        *after(s, 0) = 1, *after(s, 1) = s->offline;
        s->lv2->activate(s->handle);
    }
}

static void stop(Slot *s) {
    if (s->is_clap) s->clap->stop_processing(s->clap), s->clap->deactivate(s->clap);
    else s->lv2->deactivate(s->handle);
}

static void destroy(Slot *s) {
    if (s->is_clap) s->clap->destroy(s->clap), ((const Entry *)dlsym(s->library, "clap_entry"))->deinit();
    else s->lv2->cleanup(s->handle);
    dlclose(s->library);
}

static uint32_t event_size(const InEvents *in) { return ((Slot *)in->data)->event_count; }
static const Event *event_get(const InEvents *in, uint32_t k) { return &((Slot *)in->data)->events[k].header; }
static bool event_push(const OutEvents *out, const Event *event) {
    (void)event;
    return ((Slot *)out->data)->shown++, true;
}

/* Channels one after the other, changed in place. */
static void run(Slot *s, float *const *x, int frames) {
    if (!s->is_clap) {
        for (int c = 0; c < 2 * s->channels; c++) s->lv2->connect_port(s->handle, (uint32_t)c, x[c % s->channels]);
        s->lv2->run(s->handle, (uint32_t)frames);
        return;
    }
    Buffer in = {(float **)x, NULL, (uint32_t)s->channels, 0, 0}, out = in;
    InEvents events = {s, event_size, event_get};
    OutEvents pushed = {s, event_push};
    Process process = {-1, (uint32_t)frames, NULL, &in, &out, 1, 1, &events, &pushed};
    CHECK(s->clap->process(s->clap, &process) == CONTINUE);
    s->event_count = 0;
}

static int latency(Slot *s) {
    if (s->is_clap) return (int)((const Samples *)s->clap->get_extension(s->clap, "clap.latency"))->get(s->clap);
    return (int)*after(s, 2);
}

static double late(Slot *s) {
    double value = 0;
    if (s->is_clap) CHECK(s->about->get_value(s->clap, 1, &value));
    return s->is_clap ? value : *after(s, 3);
}

/* play IN.f32 OUT.f32 BLOCK [TIME:PARAMETER=VALUE ...]: interleaved samples; BLOCK 0 is another size each time; live
   with a minus before it; a change at a time comes at that sample in CLAP, and with the next buffer in LV2. */
static void play(Slot *s, char **arguments, int count) {
    int block = atoi(arguments[2]), longest = block ? abs(block) : LONGEST, size = 0, next = 3;
    FILE *in = fopen(arguments[0], "rb"), *out = fopen(arguments[1], "wb");
    CHECK(in && out);
    static float frames[LONGEST * CHANNELS], lines[CHANNELS][LONGEST];
    float *x[CHANNELS] = {lines[0], lines[1]};
    s->offline = block >= 0;
    create(s, bundle, longest);
    int times[MOST], numbers[MOST];
    float values[MOST];
    for (int k = 3; k < count; k++)
        CHECK(sscanf(arguments[k], "%d:%d=%f", &times[k], &numbers[k], &values[k]) == 3);
    for (; next < count && times[next] == 0; next++) set(s, numbers[next], values[next]);
    start(s, longest);
    srand(1);
    double began = cpu(), first = now();
    for (long done = 0;; done += size) {
        int want = block ? abs(block) : 1 + rand() % LONGEST;
        size = (int)fread(frames, sizeof(float) * (size_t)s->channels, (size_t)want, in);
        if (!size) break;
        for (; next < count && times[next] < done + (s->is_clap ? size : 1); next++) {
            set(s, numbers[next], values[next]);
            if (s->is_clap) s->events[s->event_count - 1].header.time = (uint32_t)(times[next] - done);
        }
        for (int n = 0; n < size * s->channels; n++) lines[n % s->channels][n / s->channels] = frames[n];
        run(s, x, size);
        for (int n = 0; n < size * s->channels; n++) frames[n] = lines[n % s->channels][n / s->channels];
        CHECK(fwrite(frames, sizeof(float) * (size_t)s->channels, (size_t)size, out) == (size_t)size);
        double due = first + (double)(done + size) / s->rate - now();
        if (!s->offline && due > 0) nanosleep(&(struct timespec){0, (long)(due * 1e9)}, NULL);
    }
    printf("latency %d\nlate %.0f\ncpu %.4f\nshown %u\n", latency(s), late(s), cpu() - began, s->shown);
    fclose(in), fclose(out);
    stop(s);
    destroy(s);
}

/* cycle TIMES: activate, a few buffers, live or not, deactivate. */
static void cycle(Slot *s, int times) {
    static float lines[CHANNELS][LONGEST];
    float *x[CHANNELS] = {lines[0], lines[1]};
    srand(2);
    create(s, bundle, LONGEST);
    for (int k = 0; k < times; k++) {
        s->offline = k % 3 == 0;
        start(s, 1 + rand() % LONGEST);
        if (s->is_clap && k % 5 == 0) s->clap->reset(s->clap);
        for (int b = 0; b < k % 4; b++) {
            if (!s->is_clap) *after(s, 0) = b % 2, *after(s, 1) = (k + b) % 2;
            set(s, rand() % s->parameters, (float)rand() / (float)RAND_MAX);
            run(s, x, 1 + rand() % 512);
            if (s->is_clap && b == 1) s->clap->reset(s->clap);
        }
        stop(s);
    }
    destroy(s);
    printf("cycles %d\n", times);
}

typedef struct {
    const char *data;
    size_t size, at;
} Kept;

static int64_t keep(const Writer *to, const void *data, uint64_t size) {
    Kept *kept = to->data;
    uint64_t part = size > 5 ? 5 : size; /* in pieces, as a host may */
    memcpy((char *)kept->data + kept->size, data, part);
    kept->size += part;
    return (int64_t)part;
}

static int64_t give(const Reader *from, void *data, uint64_t size) {
    Kept *kept = from->data;
    uint64_t part = size < 3 ? size : 3;
    if (part > kept->size - kept->at) part = kept->size - kept->at;
    memcpy(data, kept->data + kept->at, part);
    kept->at += part;
    return (int64_t)part;
}

static atomic_bool finished;

static void *restore(void *argument) { /* the main thread of a host, while the audio thread plays */
    Slot *s = argument;
    static char data[1 << 16];
    while (!finished) {
        Kept kept = {data, 0, 0};
        Writer to = {&kept, keep};
        Reader from = {&kept, give};
        CHECK(s->state->save(s->clap, &to) && s->state->load(s->clap, &from));
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    return NULL;
}

/* state: what was saved comes back, from what is damaged nothing, and while it plays. */
static void state(Slot *s) {
    static char data[1 << 16];
    static float lines[CHANNELS][LONGEST];
    float *x[CHANNELS] = {lines[0], lines[1]};
    Kept kept = {data, 0, 0};
    Writer to = {&kept, keep};
    Reader from = {&kept, give};
    create(s, bundle, 256);
    start(s, 256);
    double before[MOST], value;
    ParameterInfo info;
    for (int p = 0; p < s->parameters; p++) {
        CHECK(s->about->get_info(s->clap, (uint32_t)p, &info));
        set(s, p, (float)(info.flags & STEPPED ? info.high : info.low + .3 * (info.high - info.low)));
    }
    run(s, x, 256);
    for (int p = 0; p < s->parameters; p++) {
        CHECK(s->about->get_info(s->clap, (uint32_t)p, &info) && s->about->get_value(s->clap, info.id, &before[p]));
        char text[64];
        CHECK(s->about->value_to_text(s->clap, info.id, before[p], text, sizeof text));
        CHECK(s->about->text_to_value(s->clap, info.id, text, &value));
        CHECK((value - before[p]) * (value - before[p]) <= 1e-4 * (1 + before[p] * before[p]));
        CHECK(before[p] >= info.low && before[p] <= info.high && before[p] != info.start);
    }
    CHECK(s->state->save(s->clap, &to));
    for (int p = 0; p < s->parameters; p++) {
        CHECK(s->about->get_info(s->clap, (uint32_t)p, &info));
        set(s, p, (float)info.start);
    }
    set(s, 0, 0.f / 0.f);
    run(s, x, 256);
    size_t whole = kept.size;
    kept.size = whole / 2;
    CHECK(!s->state->load(s->clap, &from));
    kept.size = whole, kept.at = 0;
    CHECK(s->state->load(s->clap, &from));
    for (int p = 0; p < s->parameters; p++) {
        CHECK(s->about->get_info(s->clap, (uint32_t)p, &info) && s->about->get_value(s->clap, info.id, &value));
        CHECK(value == before[p]);
    }
    pthread_t thread;
    CHECK(!pthread_create(&thread, NULL, restore, s));
    for (int k = 0; k < 500; k++) {
        set(s, k % s->parameters, (float)(k % 7) / 7);
        run(s, x, 1 + k % 256);
    }
    finished = true;
    pthread_join(thread, NULL);
    stop(s);
    destroy(s);
    printf("state %zu\n", whole);
}

static void *alone(void *argument) {
    Slot *s = argument;
    float lines[CHANNELS][256] = {{0}};
    float *x[CHANNELS] = {lines[0], lines[1]};
    start(s, 256);
    for (int k = 0; k < 200; k++) {
        for (int n = 0; n < 256; n++) lines[0][n] = lines[1][n] = (float)((n * 37 + k) % 100) / 200;
        run(s, x, 256);
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    stop(s);
    return NULL;
}

/* many COUNT: so many instances, each in a thread of its own. */
static void many(Slot *s, int count) {
    Slot *slots = calloc((size_t)count, sizeof *slots);
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    for (int k = 0; k < count; k++) {
        slots[k] = *s;
        create(&slots[k], bundle, 256);
        CHECK(!pthread_create(&threads[k], NULL, alone, &slots[k]));
    }
    for (int k = 0; k < count; k++) pthread_join(threads[k], NULL), destroy(&slots[k]);
    free(slots), free(threads);
    printf("many %d\n", count);
}

/* count BLOCKS: what the audio thread calls, as tests/support/count_calls.c counts it, live and turned all the time. */
static void count(Slot *s, int blocks) {
    void (*begin)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "count_start");
    void (*end)(long *) = (void (*)(long *))dlsym(RTLD_DEFAULT, "count_stop");
    CHECK(begin && end);
    float lines[CHANNELS][128];
    float *x[CHANNELS] = {lines[0], lines[1]};
    long sums[4] = {0}, planted[4] = {0};
    create(s, bundle, 128);
    start(s, 128);
    for (int k = 0; k < blocks; k++) {
        for (int n = 0; n < 128; n++) lines[0][n] = lines[1][n] = (float)((n * 37 + k) % 100) / 200;
        set(s, k % s->parameters, (float)(k % 7) / 7);
        begin();
        run(s, x, 128);
        if (s->is_clap && k % 100 == 0) s->clap->reset(s->clap);
        end(sums);
        if (k % 4 == 0) nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    begin();
    void *volatile some = malloc(100);
    free(some);
    end(planted);
    CHECK(planted[0] && planted[1]);
    printf("calls %ld %ld %ld\n", sums[0], sums[1], sums[2]);
    stop(s);
    destroy(s);
}

/* cold: milliseconds from nothing to the first buffer. */
static void cold(Slot *s) {
    float lines[CHANNELS][256] = {{0}};
    float *x[CHANNELS] = {lines[0], lines[1]};
    double began = now();
    create(s, bundle, 256);
    start(s, 256);
    run(s, x, 256);
    printf("cold %.1f\n", 1000 * (now() - began));
    stop(s);
    destroy(s);
}

static bool begin_preset(const Receiver *to, const char *name, const char *key) {
    Slot *s = to->data;
    const PresetLoad *presets = s->clap->get_extension(s->clap, "clap.preset-load/2");
    double values = 0, value;
    ParameterInfo info;
    CHECK(!strcmp(name, key) && presets->from_location(s->clap, IN_PLUGIN, NULL, key));
    for (int p = 0; p < s->parameters; p++) {
        CHECK(s->about->get_info(s->clap, (uint32_t)p, &info) && s->about->get_value(s->clap, info.id, &value));
        if (!strcmp(info.name, name)) CHECK(value == 1);
        values += value;
    }
    printf("preset.%s %g\n", name, values);
    return true;
}

static void add_plugin_id(const Receiver *to, const UniversalId *id) {
    CHECK(!strcmp(id->abi, "clap") && !strcmp(id->id, ((Slot *)to->data)->clap->descriptor->id));
}

static void add_feature(const Receiver *to, const char *feature) { (void)to, (void)feature; }

static bool declare_location(const Indexer *indexer, const Location *location) {
    return (void)indexer, location->kind == IN_PLUGIN && !location->location;
}

/* presets: as a browser finds them, each loaded. */
static void presets(Slot *s) {
    create(s, bundle, 256);
    const Entry *entry = dlsym(s->library, "clap_entry");
    const PresetFactory *factory = entry->get_factory("clap.preset-discovery-factory/2");
    Indexer indexer = {.version = {1, 2, 0}, .declare_location = declare_location};
    Receiver receiver = {.data = s, .begin_preset = begin_preset, .add_plugin_id = add_plugin_id,
                         .add_feature = add_feature};
    CHECK(factory->count(factory) == 1 && !factory->get_descriptor(factory, 1));
    CHECK(!factory->create(factory, &indexer, "nothing"));
    const Provider *provider = factory->create(factory, &indexer, factory->get_descriptor(factory, 0)->id);
    CHECK(provider && provider->init(provider) && provider->get_metadata(provider, IN_PLUGIN, NULL, &receiver));
    CHECK(!((const PresetLoad *)s->clap->get_extension(s->clap, "clap.preset-load/2"))
               ->from_location(s->clap, IN_PLUGIN, NULL, "nothing"));
    provider->destroy(provider);
    destroy(s);
}

int main(int count_of, char **arguments) {
    CHECK(count_of >= 7);
    static Slot s;
    s.is_clap = !strcmp(arguments[1], "clap");
    s.form = atoi(arguments[2]), s.channels = atoi(arguments[3]), s.rate = atof(arguments[4]);
    if (!s.is_clap) s.parameters = atoi(arguments[5]);
    bundle = arguments[6];
    char **rest = arguments + 8, *command = arguments[7];
    int number = count_of > 8 ? atoi(arguments[8]) : 0;
    if (!strcmp(command, "play")) play(&s, rest, count_of - 8);
    else if (!strcmp(command, "cycle")) cycle(&s, number);
    else if (!strcmp(command, "state")) state(&s);
    else if (!strcmp(command, "presets")) presets(&s);
    else if (!strcmp(command, "many")) many(&s, number);
    else if (!strcmp(command, "count")) count(&s, number);
    else if (!strcmp(command, "cold")) cold(&s);
    else return 1;
    return 0;
}
