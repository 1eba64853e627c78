// One instance of a CLAP plugin of two channels, with what a stage does to it.
//
// The steady time that CLAP hosts count is none of the timeline's: here it runs far ahead of it.
#pragma once

#include <dlfcn.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "clap/entry.h"
#include "clap/ext/params.h"
#include "clap/ext/state.h"
#include "clap/plugin-factory.h"
#include "knobs.hpp"
#include "place.hpp"

struct Library {
    const clap_plugin_factory_t* factory;

    explicit Library(const char* path) {
        void* handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) std::cerr << dlerror() << std::endl, std::exit(3);
        const auto* entry = static_cast<const clap_plugin_entry_t*>(dlsym(handle, "clap_entry"));
        entry->init(path);
        factory =
            static_cast<const clap_plugin_factory_t*>(entry->get_factory(CLAP_PLUGIN_FACTORY_ID));
    }
};

class Instance {
  public:
    Instance(const Library& library, double rate) : rate_(rate) {
        host_.clap_version = CLAP_VERSION;
        host_.name = host_.vendor = host_.url = host_.version = "stage";
        host_.get_extension = [](const clap_host_t*, const char*) -> const void* {
            return nullptr;
        };
        host_.request_restart = host_.request_process =
            host_.request_callback = [](const clap_host_t*) {};
        const auto* descriptor = library.factory->get_plugin_descriptor(library.factory, 0);
        plugin_ = library.factory->create_plugin(library.factory, &host_, descriptor->id);
        plugin_->init(plugin_);
        plugin_->activate(plugin_, rate, 1, 4096);
        plugin_->start_processing(plugin_);
        params_ = static_cast<const clap_plugin_params_t*>(
            plugin_->get_extension(plugin_, CLAP_EXT_PARAMS));
        state_ = static_cast<const clap_plugin_state_t*>(
            plugin_->get_extension(plugin_, CLAP_EXT_STATE));
        in_.ctx = this;
        in_.size = [](const clap_input_events_t* is) {
            return static_cast<uint32_t>(static_cast<Instance*>(is->ctx)->turned_.size());
        };
        in_.get = [](const clap_input_events_t* is, uint32_t i) -> const clap_event_header_t* {
            return &static_cast<Instance*>(is->ctx)->turned_[i].header;
        };
        out_.try_push = [](const clap_output_events_t*, const clap_event_header_t*) {
            return true;
        };
    }

    ~Instance() {
        plugin_->stop_processing(plugin_);
        plugin_->deactivate(plugin_);
        plugin_->destroy(plugin_);
    }

    void turn(const std::string& symbol, double value) {
        clap_event_param_value_t event{};
        event.header = {sizeof event, 0, CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_PARAM_VALUE, 0};
        event.param_id = static_cast<clap_id>(knob_index(symbol));
        event.note_id = event.port_index = event.channel = event.key = -1;
        event.value = event.param_id == 0 ? 1 - value : value;
        turned_.push_back(event);
    }

    float knob(const std::string& symbol) const {
        double value = 0;
        params_->get_value(plugin_, static_cast<clap_id>(knob_index(symbol)), &value);
        return static_cast<float>(value);
    }

    void place(const Place& now) {
        transport_ = {};
        transport_.header = {sizeof transport_, 0, CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_TRANSPORT,
                             0};
        const double seconds = now.frame / rate_;
        transport_.flags = CLAP_TRANSPORT_HAS_SECONDS_TIMELINE;
        transport_.song_pos_seconds = std::llround(seconds * CLAP_SECTIME_FACTOR);
        if (now.rolls) transport_.flags |= CLAP_TRANSPORT_IS_PLAYING;
        if (now.bpm <= 0) return;
        transport_.flags |= CLAP_TRANSPORT_HAS_TEMPO | CLAP_TRANSPORT_HAS_BEATS_TIMELINE |
                            CLAP_TRANSPORT_HAS_TIME_SIGNATURE;
        transport_.tempo = now.bpm;
        transport_.song_pos_beats = std::llround(seconds * now.bpm / 60 * CLAP_BEATTIME_FACTOR);
        transport_.tsig_num = transport_.tsig_denom = 4;
    }

    void run(const float* left, const float* right, float* out_left, float* out_right,
             uint32_t frames) {
        float* ins[] = {const_cast<float*>(left), const_cast<float*>(right)};
        float* outs[] = {out_left, out_right};
        const clap_audio_buffer_t in{ins, nullptr, 2, 0, 0};
        clap_audio_buffer_t out{outs, nullptr, 2, 0, 0};
        const clap_process_t now{steady_, frames, &transport_, &in, &out, 1, 1, &in_, &out_};
        plugin_->process(plugin_, &now);
        steady_ += frames;
    }

    void let_go() {
        turned_.clear();
        for (const char* button : buttons)
            if (knob(button) > 0.5f) turn(button, 0);
    }

    void save(const std::string& path) {
        std::ofstream file(path, std::ios::binary);
        clap_ostream_t stream{
            &file, [](const clap_ostream_t* is, const void* bytes, uint64_t size) {
                static_cast<std::ofstream*>(is->ctx)->write(static_cast<const char*>(bytes), size);
                return static_cast<int64_t>(size);
            }};
        state_->save(plugin_, &stream);
    }

    void restore(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        clap_istream_t stream{&file, [](const clap_istream_t* is, void* bytes, uint64_t size) {
                                  auto* from = static_cast<std::ifstream*>(is->ctx);
                                  from->read(static_cast<char*>(bytes), size);
                                  return static_cast<int64_t>(from->gcount());
                              }};
        state_->load(plugin_, &stream);
    }

  private:
    double rate_;
    int64_t steady_ = 1'000'000'007;
    clap_host_t host_{};
    const clap_plugin_t* plugin_;
    const clap_plugin_params_t* params_;
    const clap_plugin_state_t* state_;
    clap_event_transport_t transport_{};
    clap_input_events_t in_{};
    clap_output_events_t out_{};
    std::vector<clap_event_param_value_t> turned_;
};
