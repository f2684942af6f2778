/* The presets of a bundle for a host's browser: clap.preset-discovery-factory/2. They lie in the plug-in itself. */
#include "clap.h"
#include "plugin.h"

#include <stdlib.h>
#include <string.h>

static uint32_t count(const PresetFactory *factory) { return (void)factory, plugins[0].preset_count ? 1 : 0; }

static const ProviderDescriptor *describe(const PresetFactory *factory, uint32_t index) {
    static ProviderDescriptor descriptor = {{1, 2, 0}, NULL, NULL, "rtengine"};
    descriptor.id = plugins[0].id, descriptor.name = plugins[0].name;
    return index < count(factory) ? &descriptor : NULL;
}

static bool init(const Provider *provider) {
    const Indexer *indexer = provider->data;
    const Location inside = {FACTORY_CONTENT, plugins[0].name, IN_PLUGIN, NULL};
    return indexer->declare_location(indexer, &inside);
}

static void destroy(const Provider *provider) { free((void *)provider); }

static bool get_metadata(const Provider *provider, uint32_t kind, const char *location, const Receiver *to) {
    (void)provider, (void)location;
    for (uint32_t k = 0; kind == IN_PLUGIN && k < plugins[0].preset_count; k++) {
        const char *name = plugins[0].presets[k].name;
        if (!to->begin_preset(to, name, name)) break;
        for (uint32_t p = 0; p < plugin_count; p++) to->add_plugin_id(to, &(UniversalId){"clap", plugins[p].id});
        to->add_feature(to, "audio-effect");
    }
    return kind == IN_PLUGIN;
}

static const void *get_extension(const Provider *provider, const char *id) { return (void)provider, (void)id, NULL; }

static const Provider *create(const PresetFactory *factory, const Indexer *indexer, const char *id) {
    if (!count(factory) || strcmp(id, plugins[0].id)) return NULL;
    Provider *provider = malloc(sizeof *provider);
    if (provider)
        *provider = (Provider){describe(factory, 0), (void *)indexer, init, destroy, get_metadata, get_extension};
    return provider;
}

const PresetFactory preset_factory = {count, describe, create};
