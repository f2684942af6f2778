/* An exported graph, as tables.c describes it, and an instance of it that runs. */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOST_FRAMES 8192 /* samples of the longest buffer, where a host does not say */

typedef int (*Callback)(const float *in, float *out, unsigned long frames, void *time, unsigned long flags, void *memory);
typedef int64_t (*Work)(void *memory, int64_t thread, int64_t threads);

typedef struct {
    uint32_t id, place; /* id: the same for an address, whatever else there is; place: of its value in the graph */
    const char *name, *module, *unit;
    float low, high, start;
    bool step;
    const char *const *choices; /* high - low + 1 of them, or NULL */
} Parameter;

typedef struct {
    uint32_t offset, source, length; /* bytes of the memory, of the pool */
} Run;

typedef struct {
    uint32_t offset, kind, value;
} Fix; /* as rtengine/export/image.py has them */

typedef struct { /* a graph for one sample rate, in Hz; latency and slack in samples, the rest in bytes */
    uint32_t rate, size, latency, slack, run_count, fix_count, late_count;
    const Run *runs;
    const Fix *fixes;
    uint32_t targets, values, held, inline_;
    const uint32_t *readings, *late;
    Callback callback;
    Work work;
} Image;

typedef struct {
    const char *name;
    const float *values; /* one for each parameter */
} Preset;

typedef struct { /* threads: of the slow parts, 0 if there are none. dry: gains (outputs, inputs) of the bypass */
    const char *id, *name, *doc;
    uint32_t inputs, outputs, threads, parameter_count, reading_count, image_count, preset_count;
    const Parameter *parameters, *readings;
    const Image *images;
    const Preset *presets;
    const float *dry;
} Plugin;

extern const Plugin plugins[];
extern const uint32_t plugin_count;
extern const unsigned char pool[];

typedef struct Instance Instance;

/* Not for the audio thread. NULL, or false, if there is no memory, or no image for this rate. */
Instance *instance_new(const Plugin *plugin);
void instance_free(Instance *instance);
bool instance_activate(Instance *instance, double rate, uint32_t frames);
void instance_deactivate(Instance *instance);
bool instance_has_rate(const Plugin *plugin, double rate);

/* From any thread. The value is brought into the range; what is no number is ignored. */
void instance_set(Instance *instance, uint32_t parameter, float value);
float instance_get(const Instance *instance, uint32_t parameter);

/* On the audio thread. Channels may be the same in as out. bypass: hear the input, as late. offline: never late. */
void instance_process(Instance *instance, const float *const *in, float *const *out, uint32_t frames, bool bypass,
                      bool offline);
void instance_reset(Instance *instance);
uint32_t instance_latency(const Instance *instance);
float instance_reading(const Instance *instance, uint32_t reading);
int64_t instance_late(const Instance *instance);

#endif
