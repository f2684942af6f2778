/* What of CLAP 1.2 the glue needs, as the public specification lays it out in memory (github.com/free-audio/clap). */
#ifndef CLAP_H
#define CLAP_H

#include <stdbool.h>
#include <stdint.h>

enum { NAME_SIZE = 256, PATH_SIZE = 1024 };
enum { PARAM_VALUE = 5 };
enum { STEPPED = 1, READONLY = 1 << 3, BYPASS = 1 << 4, AUTOMATABLE = 1 << 5, ENUM = 1 << 16 };
enum { MAIN_PORT = 1, OFFLINE = 1, IN_PLUGIN = 1, FACTORY_CONTENT = 1, RESCAN_VALUES = 1, CONTINUE = 1 };

typedef struct {
    uint32_t major, minor, revision;
} Version;

typedef struct {
    Version version;
    const char *id, *name, *vendor, *url, *manual_url, *support_url, *plugin_version, *description;
    const char *const *features;
} Descriptor;

typedef struct Host {
    Version version;
    void *data;
    const char *name, *vendor, *url, *host_version;
    const void *(*get_extension)(const struct Host *, const char *id);
    void (*request_restart)(const struct Host *);
    void (*request_process)(const struct Host *);
    void (*request_callback)(const struct Host *);
} Host;

typedef struct {
    uint32_t size, time;
    uint16_t space, type;
    uint32_t flags;
} Event;

typedef struct {
    Event header;
    uint32_t id;
    void *cookie;
    int32_t note_id;
    int16_t port, channel, key;
    double value;
} ValueEvent;

typedef struct InEvents {
    void *data;
    uint32_t (*size)(const struct InEvents *);
    const Event *(*get)(const struct InEvents *, uint32_t index);
} InEvents;

typedef struct OutEvents {
    void *data;
    bool (*try_push)(const struct OutEvents *, const Event *);
} OutEvents;

typedef struct {
    float **data32;
    double **data64;
    uint32_t channel_count, latency;
    uint64_t constant_mask;
} Buffer;

typedef struct {
    int64_t steady_time;
    uint32_t frames;
    const void *transport;
    const Buffer *inputs;
    Buffer *outputs;
    uint32_t input_count, output_count;
    const InEvents *in_events;
    const OutEvents *out_events;
} Process;

typedef struct Effect { /* clap_plugin */
    const Descriptor *descriptor;
    void *data;
    bool (*init)(const struct Effect *);
    void (*destroy)(const struct Effect *);
    bool (*activate)(const struct Effect *, double rate, uint32_t least, uint32_t most);
    void (*deactivate)(const struct Effect *);
    bool (*start_processing)(const struct Effect *);
    void (*stop_processing)(const struct Effect *);
    void (*reset)(const struct Effect *);
    int32_t (*process)(const struct Effect *, const Process *);
    const void *(*get_extension)(const struct Effect *, const char *id);
    void (*on_main_thread)(const struct Effect *);
} Effect;

typedef struct {
    uint32_t id, flags;
    void *cookie;
    char name[NAME_SIZE], module[PATH_SIZE];
    double low, high, start;
} ParameterInfo;

typedef struct {
    uint32_t (*count)(const Effect *);
    bool (*get_info)(const Effect *, uint32_t index, ParameterInfo *);
    bool (*get_value)(const Effect *, uint32_t id, double *);
    bool (*value_to_text)(const Effect *, uint32_t id, double value, char *text, uint32_t size);
    bool (*text_to_value)(const Effect *, uint32_t id, const char *text, double *);
    void (*flush)(const Effect *, const InEvents *, const OutEvents *);
} Parameters;

typedef struct {
    void (*rescan)(const Host *, uint32_t flags);
    void (*clear)(const Host *, uint32_t id, uint32_t flags);
    void (*request_flush)(const Host *);
} HostParameters;

typedef struct Reader {
    void *data;
    int64_t (*read)(const struct Reader *, void *, uint64_t size);
} Reader;

typedef struct Writer {
    void *data;
    int64_t (*write)(const struct Writer *, const void *, uint64_t size);
} Writer;

typedef struct {
    bool (*save)(const Effect *, const Writer *);
    bool (*load)(const Effect *, const Reader *);
} State;

typedef struct {
    uint32_t id;
    char name[NAME_SIZE];
    uint32_t flags, channel_count;
    const char *type;
    uint32_t in_place_pair;
} PortInfo;

typedef struct {
    uint32_t (*count)(const Effect *, bool input);
    bool (*get)(const Effect *, uint32_t index, bool input, PortInfo *);
} AudioPorts;

typedef struct {
    uint32_t (*get)(const Effect *);
} Samples; /* clap_plugin_latency, clap_plugin_tail */

typedef struct {
    bool (*has_hard_realtime_requirement)(const Effect *);
    bool (*set)(const Effect *, int32_t mode);
} Render;

typedef struct {
    bool (*from_location)(const Effect *, uint32_t kind, const char *location, const char *key);
} PresetLoad;

typedef struct Factory {
    uint32_t (*get_plugin_count)(const struct Factory *);
    const Descriptor *(*get_plugin_descriptor)(const struct Factory *, uint32_t index);
    const Effect *(*create_plugin)(const struct Factory *, const Host *, const char *id);
} Factory;

typedef struct {
    const char *abi, *id;
} UniversalId;

typedef struct Receiver { /* clap_preset_discovery_metadata_receiver */
    void *data;
    void (*on_error)(const struct Receiver *, int32_t error, const char *message);
    bool (*begin_preset)(const struct Receiver *, const char *name, const char *key);
    void (*add_plugin_id)(const struct Receiver *, const UniversalId *);
    void (*set_soundpack_id)(const struct Receiver *, const char *id);
    void (*set_flags)(const struct Receiver *, uint32_t flags);
    void (*add_creator)(const struct Receiver *, const char *creator);
    void (*set_description)(const struct Receiver *, const char *description);
    void (*set_timestamps)(const struct Receiver *, uint64_t created, uint64_t changed);
    void (*add_feature)(const struct Receiver *, const char *feature);
    void (*add_extra_info)(const struct Receiver *, const char *key, const char *value);
} Receiver;

typedef struct {
    uint32_t flags;
    const char *name;
    uint32_t kind;
    const char *location;
} Location;

typedef struct Indexer {
    Version version;
    const char *name, *vendor, *url, *indexer_version;
    void *data;
    bool (*declare_filetype)(const struct Indexer *, const void *filetype);
    bool (*declare_location)(const struct Indexer *, const Location *);
    bool (*declare_soundpack)(const struct Indexer *, const void *soundpack);
    const void *(*get_extension)(const struct Indexer *, const char *id);
} Indexer;

typedef struct {
    Version version;
    const char *id, *name, *vendor;
} ProviderDescriptor;

typedef struct Provider {
    const ProviderDescriptor *descriptor;
    void *data;
    bool (*init)(const struct Provider *);
    void (*destroy)(const struct Provider *);
    bool (*get_metadata)(const struct Provider *, uint32_t kind, const char *location, const Receiver *);
    const void *(*get_extension)(const struct Provider *, const char *id);
} Provider;

typedef struct PresetFactory {
    uint32_t (*count)(const struct PresetFactory *);
    const ProviderDescriptor *(*get_descriptor)(const struct PresetFactory *, uint32_t index);
    const Provider *(*create)(const struct PresetFactory *, const Indexer *, const char *id);
} PresetFactory;

typedef struct {
    Version version;
    bool (*init)(const char *path);
    void (*deinit)(void);
    const void *(*get_factory)(const char *id);
} Entry;

#endif
