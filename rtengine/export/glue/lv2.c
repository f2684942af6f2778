/* The instance as an LV2 plug-in. Ports: audio in, audio out, parameters, enabled, freewheel, latency, late, readings.
   Source: the LV2 specification, lv2plug.in/ns: lv2core, options, buf-size, urid. */
#include "plugin.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *uri;
    void *data;
} Feature;

typedef struct Descriptor {
    const char *uri;
    void *(*instantiate)(const struct Descriptor *, double rate, const char *bundle, const Feature *const *features);
    void (*connect_port)(void *handle, uint32_t port, void *data);
    void (*activate)(void *handle);
    void (*run)(void *handle, uint32_t frames);
    void (*deactivate)(void *handle);
    void (*cleanup)(void *handle);
    const void *(*extension_data)(const char *uri);
} Descriptor;

typedef struct {
    void *handle;
    uint32_t (*map)(void *handle, const char *uri);
} UridMap;

typedef struct {
    uint32_t context, subject, key, size, type;
    const void *value;
} Option;

enum { AFTER = 4 }; /* enabled, freewheel, latency, late */

typedef struct {
    Instance *instance;
    const Plugin *plugin;
    double rate;
    uint32_t frames;
    const float **in;
    float **out, **ports;
} Handle;

static const void *find(const Feature *const *features, const char *uri) {
    for (; features && *features; features++)
        if (!strcmp((*features)->uri, uri)) return (*features)->data;
    return NULL;
}

/* The buffers to be in time for: the usual ones, for the longest that may come can be those of an export, which waits. */
static uint32_t usual_frames(const Feature *const *features) {
    const UridMap *urid = find(features, "http://lv2plug.in/ns/ext/urid#map");
    const Option *option = find(features, "http://lv2plug.in/ns/ext/options#options");
    if (!urid || !option) return MOST_FRAMES;
    uint32_t most = urid->map(urid->handle, "http://lv2plug.in/ns/ext/buf-size#maxBlockLength");
    uint32_t usual = urid->map(urid->handle, "http://lv2plug.in/ns/ext/buf-size#nominalBlockLength");
    uint32_t whole = urid->map(urid->handle, "http://lv2plug.in/ns/ext/atom#Int");
    int32_t frames = MOST_FRAMES;
    for (; option->key || option->value; option++)
        if (option->type == whole && option->size == 4 && (option->key == most || option->key == usual)) {
            int32_t told = *(const int32_t *)option->value;
            if (told > 0 && told < frames) frames = told;
        }
    return (uint32_t)frames;
}

static void cleanup(void *handle) {
    Handle *h = handle;
    instance_free(h->instance);
    free(h->in), free(h->out), free(h->ports);
    free(h);
}

static const Descriptor descriptors[];

static void *instantiate(const Descriptor *descriptor, double rate, const char *bundle, const Feature *const *features) {
    const Plugin *plugin = &plugins[descriptor - descriptors];
    Handle *h = calloc(1, sizeof *h);
    (void)bundle;
    if (!h || !instance_has_rate(plugin, rate)) {
        free(h);
        return NULL;
    }
    h->plugin = plugin, h->rate = rate, h->frames = usual_frames(features);
    h->instance = instance_new(plugin);
    h->in = calloc(plugin->inputs, sizeof *h->in);
    h->out = calloc(plugin->outputs, sizeof *h->out);
    h->ports = calloc(plugin->parameter_count + AFTER + plugin->reading_count, sizeof *h->ports);
    if (h->instance && h->in && h->out && h->ports) return h;
    cleanup(h);
    return NULL;
}

static void connect_port(void *handle, uint32_t port, void *data) {
    Handle *h = handle;
    uint32_t in = h->plugin->inputs, out = h->plugin->outputs;
    if (port < in) h->in[port] = data;
    else if (port < in + out) h->out[port - in] = data;
    else if (port < in + out + h->plugin->parameter_count + AFTER + h->plugin->reading_count)
        h->ports[port - in - out] = data;
}

static void activate(void *handle) {
    Handle *h = handle;
    instance_activate(h->instance, h->rate, h->frames);
}

static void deactivate(void *handle) { instance_deactivate(((Handle *)handle)->instance); }

static void show(float *port, float value) {
    if (port) *port = value;
}

static void run(void *handle, uint32_t frames) {
    Handle *h = handle;
    uint32_t count = h->plugin->parameter_count;
    float **after = h->ports + count;
    for (uint32_t p = 0; p < count; p++)
        if (h->ports[p]) instance_set(h->instance, p, *h->ports[p]);
    bool bypass = after[0] && *after[0] <= 0, offline = after[1] && *after[1] > 0;
    instance_process(h->instance, h->in, h->out, frames, bypass, offline);
    show(after[2], (float)instance_latency(h->instance));
    show(after[3], (float)instance_late(h->instance));
    for (uint32_t r = 0; r < h->plugin->reading_count; r++) show(after[AFTER + r], instance_reading(h->instance, r));
}

static const void *extension_data(const char *uri) {
    (void)uri;
    return NULL;
}

#define DESCRIPTOR(uri) {uri, instantiate, connect_port, activate, run, deactivate, cleanup, extension_data}
static const Descriptor descriptors[] = {
#include "uris.h" /* DESCRIPTOR("..."), one for each plug-in */
};

__attribute__((visibility("default"))) const Descriptor *lv2_descriptor(uint32_t index) {
    return index < plugin_count ? &descriptors[index] : NULL;
}
