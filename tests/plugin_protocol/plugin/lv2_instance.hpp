// One instance of an LV2 plugin of DPF's, with what it requires of its host.
#pragma once

#include <dlfcn.h>
#include <lv2/atom/forge.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/options/options.h>
#include <lv2/parameters/parameters.h>
#include <lv2/state/state.h>
#include <lv2/time/time.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "knobs.hpp"
#include "place.hpp"

struct Library {
    void* handle;
    const LV2_Descriptor* descriptor;

    explicit Library(const char* path) : handle(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
        if (handle == nullptr) std::cerr << dlerror() << std::endl, std::exit(3);
        descriptor = reinterpret_cast<LV2_Descriptor_Function>(dlsym(handle, "lv2_descriptor"))(0);
    }
};

class Instance {
  public:
    Instance(const Library& library, double rate) : library_(library), rate_(rate) {
        urid_ = {this, [](LV2_URID_Map_Handle me, const char* uri) {
                     return static_cast<Instance*>(me)->number(uri);
                 }};
        worker_ = {this, [](LV2_Worker_Schedule_Handle, uint32_t, const void*) {
                       return LV2_WORKER_SUCCESS;
                   }};
        const LV2_URID integer = number(LV2_ATOM__Int), real = number(LV2_ATOM__Float);
        options_ = {{
            {LV2_OPTIONS_INSTANCE, 0, number(LV2_BUF_SIZE__maxBlockLength), 4, integer, &block_},
            {LV2_OPTIONS_INSTANCE, 0, number(LV2_BUF_SIZE__nominalBlockLength), 4, integer,
             &block_},
            {LV2_OPTIONS_INSTANCE, 0, number(LV2_PARAMETERS__sampleRate), 4, real, &rate_},
            {LV2_OPTIONS_INSTANCE, 0, 0, 0, 0, nullptr},
        }};
        features_ = {{{LV2_URID__map, &urid_},
                      {LV2_WORKER__schedule, &worker_},
                      {LV2_OPTIONS__options, options_.data()}}};
        const LV2_Feature* given[] = {&features_[0], &features_[1], &features_[2], nullptr};
        handle_ = library.descriptor->instantiate(library.descriptor, rate, "", given);
        for (size_t i = 0; i < knob_symbols.size(); ++i) connect(6 + i, &knobs_[i]);
        lv2_atom_forge_init(&forge_, &urid_);
        connect(4, events_in_.data());
        connect(5, events_out_.data());
        library.descriptor->activate(handle_);
    }

    ~Instance() {
        library_.descriptor->deactivate(handle_);
        library_.descriptor->cleanup(handle_);
    }

    void turn(const std::string& symbol, double value) { knobs_[knob_index(symbol)] = value; }
    float knob(const std::string& symbol) const { return knobs_[knob_index(symbol)]; }

    void let_go() {
        for (const char* button : buttons) turn(button, 0);
    }

    void place(const Place& now) {
        lv2_atom_forge_set_buffer(&forge_, reinterpret_cast<uint8_t*>(events_in_.data()),
                                  sizeof events_in_);
        LV2_Atom_Forge_Frame sequence, object;
        lv2_atom_forge_sequence_head(&forge_, &sequence, 0);
        lv2_atom_forge_frame_time(&forge_, 0);
        lv2_atom_forge_object(&forge_, &object, 0, number(LV2_TIME__Position));
        lv2_atom_forge_key(&forge_, number(LV2_TIME__frame));
        lv2_atom_forge_long(&forge_, now.frame);
        lv2_atom_forge_key(&forge_, number(LV2_TIME__speed));
        lv2_atom_forge_float(&forge_, now.rolls);
        if (now.bpm > 0) {
            const double beats = now.frame / static_cast<double>(rate_) * now.bpm / 60;
            lv2_atom_forge_key(&forge_, number(LV2_TIME__beatsPerMinute));
            lv2_atom_forge_float(&forge_, now.bpm);
            lv2_atom_forge_key(&forge_, number(LV2_TIME__beatsPerBar));
            lv2_atom_forge_float(&forge_, 4);
            lv2_atom_forge_key(&forge_, number(LV2_TIME__beatUnit));
            lv2_atom_forge_int(&forge_, 4);
            lv2_atom_forge_key(&forge_, number(LV2_TIME__bar));
            lv2_atom_forge_long(&forge_, static_cast<int64_t>(beats / 4));
            lv2_atom_forge_key(&forge_, number(LV2_TIME__barBeat));
            lv2_atom_forge_float(&forge_, beats - 4 * static_cast<int64_t>(beats / 4));
        }
        lv2_atom_forge_pop(&forge_, &object);
        lv2_atom_forge_pop(&forge_, &sequence);
        auto* out = reinterpret_cast<LV2_Atom*>(events_out_.data());
        *out = {static_cast<uint32_t>(sizeof events_out_ - sizeof *out), number(LV2_ATOM__Chunk)};
    }

    void run(const float* left, const float* right, float* out_left, float* out_right,
             uint32_t frames) {
        connect(0, const_cast<float*>(left));
        connect(1, const_cast<float*>(right));
        connect(2, out_left);
        connect(3, out_right);
        library_.descriptor->run(handle_, frames);
    }

    void save(const std::string& path) {
        saved_.clear();
        auto store = [](LV2_State_Handle me, uint32_t key, const void* value, size_t size, uint32_t,
                        uint32_t) {
            auto* is = static_cast<Instance*>(me);
            is->saved_[is->name(key)] = std::string(static_cast<const char*>(value), size - 1);
            return LV2_STATE_SUCCESS;
        };
        state()->save(handle_, store, this, 0, nullptr);
        std::ofstream file(path);
        for (const auto& [key, value] : saved_) file << key << '\t' << value << '\n';
    }

    void restore(const std::string& path) {
        std::ifstream file(path);
        for (std::string line; std::getline(file, line);)
            saved_[line.substr(0, line.find('\t'))] = line.substr(line.find('\t') + 1);
        auto retrieve = [](LV2_State_Handle me, uint32_t key, size_t* size, uint32_t* type,
                           uint32_t* flags) -> const void* {
            auto* is = static_cast<Instance*>(me);
            const auto found = is->saved_.find(is->name(key));
            if (found == is->saved_.end()) return nullptr;
            *size = found->second.size() + 1;
            *type = is->number(LV2_ATOM__String);
            *flags = LV2_STATE_IS_POD;
            return found->second.c_str();
        };
        state()->restore(handle_, retrieve, this, 0, nullptr);
    }

  private:
    LV2_URID number(const std::string& uri) {
        return urids_.emplace(uri, urids_.size() + 1).first->second;
    }

    std::string name(LV2_URID urid) const {
        for (const auto& [uri, number] : urids_)
            if (number == urid) return uri;
        return "";
    }

    void connect(uint32_t port, void* data) {
        library_.descriptor->connect_port(handle_, port, data);
    }

    const LV2_State_Interface* state() const {
        return static_cast<const LV2_State_Interface*>(
            library_.descriptor->extension_data(LV2_STATE__interface));
    }

    const Library& library_;
    float rate_;
    int32_t block_ = 1024;
    std::map<std::string, LV2_URID> urids_;
    std::map<std::string, std::string> saved_;
    LV2_URID_Map urid_;
    LV2_Worker_Schedule worker_;
    std::array<LV2_Options_Option, 4> options_;
    std::array<LV2_Feature, 3> features_;
    LV2_Atom_Forge forge_;
    std::array<uint64_t, 256> events_in_{}, events_out_{};
    std::array<float, 18> knobs_ = knob_values;
    LV2_Handle handle_;
};
