// DPF's CLAP plugin, told the place on the host's timeline.
//
// DPF 1.6 takes `steady_time`, which counts on whatever the playhead does, for that place. So the
// real one is put there, wherever the host says it, before DPF looks.
#define clap_entry dpf_clap_entry
#include "DistrhoPluginMain.cpp"
#undef clap_entry

#include <cmath>
#include <cstring>

namespace {

struct Located {
    clap_plugin_t plugin;        // what the host sees; must be the first
    const clap_plugin_t* inner;  // what DPF has made
    double sample_rate;
};

Located* located(const clap_plugin_t* plugin) {
    return reinterpret_cast<Located*>(const_cast<clap_plugin_t*>(plugin));
}

bool activate(const clap_plugin_t* plugin, double sample_rate, uint32_t least, uint32_t most) {
    located(plugin)->sample_rate = sample_rate;
    return located(plugin)->inner->activate(plugin, sample_rate, least, most);
}

clap_process_status process(const clap_plugin_t* plugin, const clap_process_t* asked) {
    clap_process_t told = *asked;
    const clap_event_transport_t* transport = asked->transport;
    if (transport && (transport->flags & CLAP_TRANSPORT_HAS_SECONDS_TIMELINE)) {
        const double seconds =
            static_cast<double>(transport->song_pos_seconds) / CLAP_SECTIME_FACTOR;
        told.steady_time = std::llround(seconds * located(plugin)->sample_rate);
    }
    return located(plugin)->inner->process(plugin, &told);
}

void destroy(const clap_plugin_t* plugin) {
    Located* mine = located(plugin);
    mine->inner->destroy(mine->inner);
    delete mine;
}

const clap_plugin_factory_t* dpf_factory() {
    return static_cast<const clap_plugin_factory_t*>(
        DISTRHO_NAMESPACE::clap_plugin_entry.get_factory(CLAP_PLUGIN_FACTORY_ID));
}

uint32_t count(const clap_plugin_factory_t*) { return 1; }

const clap_plugin_descriptor_t* describe(const clap_plugin_factory_t*, uint32_t index) {
    return dpf_factory()->get_plugin_descriptor(dpf_factory(), index);
}

const clap_plugin_t* create(const clap_plugin_factory_t*, const clap_host_t* host, const char* id) {
    if (std::strcmp(id, DISTRHO_PLUGIN_CLAP_ID) != 0) return nullptr;
    const clap_plugin_t* inner = dpf_factory()->create_plugin(dpf_factory(), host, id);
    if (inner == nullptr) return nullptr;
    auto* mine = new Located{*inner, inner, 0};
    mine->plugin.activate = activate;
    mine->plugin.process = process;
    mine->plugin.destroy = destroy;
    return &mine->plugin;
}

const clap_plugin_factory_t factory = {count, describe, create};

const void* get_factory(const char* id) {
    return std::strcmp(id, CLAP_PLUGIN_FACTORY_ID) == 0 ? &factory : nullptr;
}

}  // namespace

DISTRHO_PLUGIN_EXPORT const clap_plugin_entry_t clap_entry = {
    CLAP_VERSION, DISTRHO_NAMESPACE::clap_plugin_entry.init,
    DISTRHO_NAMESPACE::clap_plugin_entry.deinit, get_factory};
