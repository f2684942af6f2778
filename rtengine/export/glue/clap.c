/* The instance as a CLAP plug-in: clap.plugin-factory, .params, .state, .audio-ports, .latency, .tail, .render and
   .preset-load/2. Events are taken at their sample. */
#include "clap.h"
#include "plugin.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYPASS_ID = 0, LATE_ID = 1, SHOWN = 30 }; /* parameters' own ids are larger; times a second */
enum { MAGIC = 0x31474e45 }; /* "ENG1" */
static const double TAIL = 10; /* seconds: the longest reverberation */

typedef struct {
    Effect effect; /* first, so that one is the other */
    const Host *host;
    const Plugin *plugin;
    Instance *instance;
    _Atomic bool bypass, offline;
    float *shown;
    uint32_t until_shown;
    double rate;
} Handle;

typedef struct {
    uint32_t id;
    float value;
} Saved;

static Handle *of(const Effect *effect) { return effect->data; }

/* The place of a parameter; parameter_count is the bypass, then the late samples and the readings follow. */
static uint32_t place(const Handle *h, uint32_t id) {
    const Plugin *plugin = h->plugin;
    if (id == BYPASS_ID || id == LATE_ID) return plugin->parameter_count + id;
    for (uint32_t p = 0; p < plugin->parameter_count; p++)
        if (plugin->parameters[p].id == id) return p;
    for (uint32_t r = 0; r < plugin->reading_count; r++)
        if (plugin->readings[r].id == id) return plugin->parameter_count + 2 + r;
    return UINT32_MAX;
}

static const Parameter *about(const Handle *h, uint32_t place) {
    static const char *const off_on[] = {"off", "on"};
    static const Parameter bypass = {.id = BYPASS_ID, .name = "bypass", .module = "", .unit = "", .high = 1,
                                     .step = true, .choices = off_on};
    static const Parameter late = {.id = LATE_ID, .name = "late samples", .module = "", .unit = "", .high = 1e9f};
    uint32_t count = h->plugin->parameter_count;
    return place < count ? &h->plugin->parameters[place]
         : place == count ? &bypass
         : place == count + 1 ? &late : &h->plugin->readings[place - count - 2];
}

static double value(const Handle *h, uint32_t place) {
    uint32_t count = h->plugin->parameter_count;
    return place < count ? instance_get(h->instance, place)
         : place == count ? h->bypass
         : place == count + 1 ? (double)instance_late(h->instance) : instance_reading(h->instance, place - count - 2);
}

static uint32_t count(const Effect *effect) {
    return of(effect)->plugin->parameter_count + 2 + of(effect)->plugin->reading_count;
}

static bool get_info(const Effect *effect, uint32_t index, ParameterInfo *info) {
    Handle *h = of(effect);
    if (index >= count(effect)) return false;
    const Parameter *p = about(h, index);
    uint32_t turned = index <= h->plugin->parameter_count ? AUTOMATABLE : READONLY;
    memset(info, 0, sizeof *info);
    info->id = p->id;
    info->flags = turned | (p->step ? STEPPED : 0) | (p->choices ? ENUM : 0) | (p->id == BYPASS_ID ? BYPASS : 0);
    snprintf(info->name, sizeof info->name, "%s", p->name);
    snprintf(info->module, sizeof info->module, "%s", p->module);
    info->low = p->low, info->high = p->high, info->start = p->start;
    return true;
}

static bool get_value(const Effect *effect, uint32_t id, double *result) {
    uint32_t where = place(of(effect), id);
    if (where == UINT32_MAX) return false;
    *result = value(of(effect), where);
    return true;
}

static bool value_to_text(const Effect *effect, uint32_t id, double x, char *text, uint32_t size) {
    uint32_t where = place(of(effect), id);
    if (where == UINT32_MAX || !(x == x)) return false;
    const Parameter *p = about(of(effect), where);
    if (p->choices && x >= p->low && x <= p->high) snprintf(text, size, "%s", p->choices[(int)(x - p->low + .5)]);
    else snprintf(text, size, "%.*f%s%s", p->step ? 0 : 2, x, *p->unit ? " " : "", p->unit);
    return true;
}

static bool text_to_value(const Effect *effect, uint32_t id, const char *text, double *result) {
    uint32_t where = place(of(effect), id);
    if (where == UINT32_MAX) return false;
    const Parameter *p = about(of(effect), where);
    for (int c = 0; p->choices && c <= (int)(p->high - p->low); c++)
        if (!strcmp(text, p->choices[c])) {
            *result = p->low + c;
            return true;
        }
    char *end;
    *result = strtod(text, &end);
    return end != text;
}

static void take(Handle *h, const Event *event) {
    if (event->space || event->type != PARAM_VALUE) return;
    const ValueEvent *change = (const ValueEvent *)event;
    uint32_t where = place(h, change->id);
    if (where < h->plugin->parameter_count) instance_set(h->instance, where, (float)change->value);
    if (change->id == BYPASS_ID) h->bypass = change->value >= .5;
}

static void flush(const Effect *effect, const InEvents *in, const OutEvents *out) {
    (void)out;
    for (uint32_t e = 0; e < in->size(in); e++) take(of(effect), in->get(in, e));
}

/* Tell the host what has moved by itself: the readings. */
static void show(Handle *h, const OutEvents *out, uint32_t frames) {
    if (h->until_shown > frames) {
        h->until_shown -= frames;
        return;
    }
    h->until_shown = (uint32_t)(h->rate / SHOWN);
    for (uint32_t r = 0; r <= h->plugin->reading_count; r++) {
        uint32_t where = h->plugin->parameter_count + 1 + r;
        float now = (float)value(h, where);
        if (now == h->shown[r]) continue;
        ValueEvent event = {{sizeof event, frames ? frames - 1 : 0, 0, PARAM_VALUE, 0}, about(h, where)->id, NULL,
                            -1, -1, -1, -1, now};
        if (out->try_push(out, &event.header)) h->shown[r] = now;
    }
}

static int32_t process(const Effect *effect, const Process *p) {
    Handle *h = of(effect);
    const uint32_t inputs = h->plugin->inputs, outputs = h->plugin->outputs;
    if (p->input_count < 1 || p->output_count < 1 || p->inputs[0].channel_count < inputs ||
        p->outputs[0].channel_count < outputs || !p->inputs[0].data32 || !p->outputs[0].data32)
        return 0; /* CLAP_PROCESS_ERROR */
    const float *in[inputs];
    float *out[outputs];
    uint32_t events = p->in_events->size(p->in_events), next = 0, done = 0;
    do {
        uint32_t end = p->frames;
        for (; next < events; next++) {
            const Event *event = p->in_events->get(p->in_events, next);
            if (event->time > done && event->time < p->frames) {
                end = event->time;
                break;
            }
            take(h, event);
        }
        for (uint32_t c = 0; c < inputs; c++) in[c] = p->inputs[0].data32[c] + done;
        for (uint32_t c = 0; c < outputs; c++) out[c] = p->outputs[0].data32[c] + done;
        instance_process(h->instance, in, out, end - done, h->bypass, h->offline);
        done = end;
    } while (done < p->frames);
    p->outputs[0].constant_mask = 0;
    show(h, p->out_events, p->frames);
    return CONTINUE;
}

static bool transfer_all(int64_t (*transfer)(const void *, void *, uint64_t), const void *stream, void *data,
                         uint64_t size) {
    for (uint64_t done = 0; done < size;) {
        int64_t n = transfer(stream, (char *)data + done, size - done);
        if (n <= 0) return false;
        done += (uint64_t)n;
    }
    return true;
}

static int64_t put(const void *stream, void *data, uint64_t size) {
    return ((const Writer *)stream)->write(stream, data, size);
}

static int64_t get(const void *stream, void *data, uint64_t size) {
    return ((const Reader *)stream)->read(stream, data, size);
}

/* Ids with their values, so that another version of the instrument takes what it knows. */
static bool save(const Effect *effect, const Writer *stream) {
    Handle *h = of(effect);
    uint32_t head[2] = {MAGIC, h->plugin->parameter_count + 1};
    if (!transfer_all(put, stream, head, sizeof head)) return false;
    for (uint32_t p = 0; p < head[1]; p++) {
        Saved saved = {about(h, p)->id, (float)value(h, p)};
        if (!transfer_all(put, stream, &saved, sizeof saved)) return false;
    }
    return true;
}

static void changed(Handle *h) {
    const HostParameters *host = h->host->get_extension(h->host, "clap.params");
    if (host) host->rescan(h->host, RESCAN_VALUES);
}

static bool load(const Effect *effect, const Reader *stream) {
    Handle *h = of(effect);
    uint32_t head[2];
    if (!transfer_all(get, stream, head, sizeof head) || head[0] != MAGIC || head[1] > 1 << 16) return false;
    Saved *saved = calloc(head[1] + 1, sizeof *saved);
    bool whole = saved && transfer_all(get, stream, saved, head[1] * sizeof *saved);
    for (uint32_t k = 0; whole && k < head[1]; k++) {
        uint32_t where = place(h, saved[k].id);
        if (where < h->plugin->parameter_count) instance_set(h->instance, where, saved[k].value);
        if (saved[k].id == BYPASS_ID) h->bypass = saved[k].value >= .5f;
    }
    free(saved);
    if (whole) changed(h);
    return whole;
}

static bool from_location(const Effect *effect, uint32_t kind, const char *location, const char *key) {
    Handle *h = of(effect);
    (void)location;
    for (uint32_t k = 0; kind == IN_PLUGIN && key && k < h->plugin->preset_count; k++)
        if (!strcmp(h->plugin->presets[k].name, key)) {
            for (uint32_t p = 0; p < h->plugin->parameter_count; p++)
                instance_set(h->instance, p, h->plugin->presets[k].values[p]);
            changed(h);
            return true;
        }
    return false;
}

static uint32_t port_count(const Effect *effect, bool input) { return (void)effect, (void)input, 1; }

static bool port_get(const Effect *effect, uint32_t index, bool input, PortInfo *info) {
    const Plugin *plugin = of(effect)->plugin;
    if (index) return false;
    memset(info, 0, sizeof *info);
    info->id = input ? 0 : 1;
    snprintf(info->name, sizeof info->name, "%s", input ? "in" : "out");
    info->flags = MAIN_PORT;
    info->channel_count = input ? plugin->inputs : plugin->outputs;
    info->type = info->channel_count == 1 ? "mono" : info->channel_count == 2 ? "stereo" : NULL;
    info->in_place_pair = plugin->inputs == plugin->outputs ? !info->id : UINT32_MAX;
    return true;
}

static uint32_t latency(const Effect *effect) { return instance_latency(of(effect)->instance); }

static uint32_t tail(const Effect *effect) { return latency(effect) + (uint32_t)(TAIL * of(effect)->rate); }

static bool needs_real_time(const Effect *effect) { return (void)effect, false; }

static bool set_render(const Effect *effect, int32_t mode) {
    of(effect)->offline = mode == OFFLINE;
    return true;
}

static const void *get_extension(const Effect *effect, const char *id) {
    static const Parameters parameters = {count, get_info, get_value, value_to_text, text_to_value, flush};
    static const State state = {save, load};
    static const AudioPorts ports = {port_count, port_get};
    static const Samples late = {latency}, end = {tail};
    static const Render render = {needs_real_time, set_render};
    static const PresetLoad presets = {from_location};
    static const struct {
        const char *id;
        const void *extension;
    } known[] = {{"clap.params", &parameters}, {"clap.state", &state}, {"clap.audio-ports", &ports},
                 {"clap.latency", &late}, {"clap.tail", &end}, {"clap.render", &render},
                 {"clap.preset-load/2", &presets}};
    (void)effect;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (!strcmp(id, known[k].id)) return known[k].extension;
    return NULL;
}

static bool activate(const Effect *effect, double rate, uint32_t least, uint32_t most) {
    (void)least;
    of(effect)->rate = rate;
    return instance_activate(of(effect)->instance, rate, most);
}

static void deactivate(const Effect *effect) { instance_deactivate(of(effect)->instance); }
static bool nothing_to_do(const Effect *effect) { return (void)effect, true; }
static void nothing(const Effect *effect) { (void)effect; }
static void reset(const Effect *effect) { instance_reset(of(effect)->instance); }

static void destroy(const Effect *effect) {
    Handle *h = of(effect);
    instance_free(h->instance);
    free(h->shown);
    free(h);
}

static const char *const features[] = {"audio-effect", NULL};
#define DESCRIPTOR(id, name, doc) {{1, 2, 0}, id, name, "rtengine", "", "", "", "1", doc, features}
static const Descriptor descriptors[] = {
#include "uris.h" /* DESCRIPTOR("id", "name", "doc"), one for each plug-in */
};

static uint32_t plugins_there(const Factory *factory) { return (void)factory, plugin_count; }

static const Descriptor *descriptor(const Factory *factory, uint32_t index) {
    return (void)factory, index < plugin_count ? &descriptors[index] : NULL;
}

static const Effect *create(const Factory *factory, const Host *host, const char *id) {
    (void)factory;
    for (uint32_t k = 0; k < plugin_count; k++) {
        if (strcmp(id, plugins[k].id)) continue;
        Handle *h = calloc(1, sizeof *h);
        if (!h) return NULL;
        h->effect = (Effect){&descriptors[k], h, nothing_to_do, destroy, activate, deactivate, nothing_to_do, nothing,
                             reset, process, get_extension, nothing};
        h->host = host, h->plugin = &plugins[k];
        h->instance = instance_new(h->plugin);
        h->shown = calloc(h->plugin->reading_count + 1, sizeof *h->shown);
        if (h->instance && h->shown) return &h->effect;
        destroy(&h->effect);
    }
    return NULL;
}

static bool entered(const char *path) { return (void)path, true; }
static void left(void) {}

extern const PresetFactory preset_factory;

static const void *factory(const char *id) {
    static const Factory plugin_factory = {plugins_there, descriptor, create};
    if (!strcmp(id, "clap.preset-discovery-factory/2")) return &preset_factory;
    return strcmp(id, "clap.plugin-factory") ? NULL : &plugin_factory;
}

__attribute__((visibility("default"))) const Entry clap_entry = {{1, 2, 0}, entered, left, factory};
