// The plugin as hosts see it: a tape, a player and a courier behind knobs and lamps.
//
// run() does not lock, allocate, wait or call the system. A format may make instances that only
// tell about the plugin; threads and memory come with activate().
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <string>
#include <utility>

#include "DistrhoPlugin.hpp"
#include "capture.hpp"
#include "client/session.hpp"
#include "courier.hpp"
#include "handover.hpp"
#include "parameters.hpp"
#include "player.hpp"

START_NAMESPACE_DISTRHO

namespace {

constexpr std::array<const char*, 3> state_keys = {"instance", "heard", "asked"};

uint32_t hints(ditto::Sort sort) {
    switch (sort) {
        // Not kParameterIsTrigger: DPF 1.6 keeps those of VST3 to itself.
        case ditto::Sort::button:
        case ditto::Sort::toggle: return kParameterIsAutomatable | kParameterIsBoolean;
        case ditto::Sort::number: return kParameterIsAutomatable;
        case ditto::Sort::whole:
        case ditto::Sort::choice: return kParameterIsAutomatable | kParameterIsInteger;
        case ditto::Sort::lamp: return kParameterIsOutput | kParameterIsInteger;
        case ditto::Sort::counter: return kParameterIsOutput;
    }
    return 0;
}

template <size_t size>
void label(Parameter& parameter, const std::array<const char*, size>& names) {
    parameter.enumValues.count = size;
    parameter.enumValues.restrictedMode = true;
    parameter.enumValues.values = new ParameterEnumerationValue[size];
    for (size_t i = 0; i < size; ++i) {
        parameter.enumValues.values[i].value = static_cast<float>(i);
        parameter.enumValues.values[i].label = names[i];
    }
}

}  // namespace

class DittoPlugin : public Plugin {
  public:
    DittoPlugin()
        : Plugin(ditto::knob_count, 0, state_keys.size()),
          courier_(capture_, stage_, [this] { return order(); }) {
        for (size_t i = 0; i < values_.size(); ++i) values_[i] = ditto::knobs[i].standard;
        setState("instance", ditto::new_job_id().substr(28).c_str());
    }

  protected:
    const char* getLabel() const override { return "ditto"; }
    const char* getDescription() const override {
        return "Continues, fills, loops and reshapes what it hears, in place.";
    }
    const char* getMaker() const override { return "DITTO in the DAW"; }
    const char* getLicense() const override { return "Apache-2.0"; }
    uint32_t getVersion() const override { return d_version(0, 1, 0); }
    int64_t getUniqueId() const override { return d_cconst('D', 't', 't', 'o'); }

    void initParameter(uint32_t index, Parameter& parameter) override {
        const ditto::KnobLook& look = ditto::knobs[index];
        if (index == ditto::bypass) return parameter.initDesignation(kParameterDesignationBypass);
        parameter.hints = hints(look.sort);
        parameter.name = look.name;
        parameter.symbol = look.symbol;
        parameter.unit = look.unit;
        parameter.description = look.says;
        parameter.ranges.def = look.standard;
        parameter.ranges.min = look.least;
        parameter.ranges.max = look.most;
        if (index == ditto::task) label(parameter, ditto::task_names);
        if (index == ditto::status) label(parameter, ditto::status_names);
    }

    void initState(uint32_t index, State& state) override {
        state.hints = kStateIsOnlyForDSP;
        state.key = state_keys[index];
        state.label = state_keys[index];
    }

    float getParameterValue(uint32_t index) const override {
        switch (index) {
            case ditto::status: return static_cast<float>(status());
            case ditto::progress: return courier_.progress();
            case ditto::takes: return static_cast<float>(courier_.takes());
            case ditto::captured: return static_cast<float>(capture_.seconds());
            default: return value(static_cast<ditto::Knob>(index));
        }
    }

    // LV2 hosts may say anything; what is no number is the least.
    void setParameterValue(uint32_t index, float to) override {
        const ditto::KnobLook& look = ditto::knobs[index];
        values_[index] = to >= look.least ? std::min(to, look.most) : look.least;
    }

    void setState(const char* key, const char* text) override {
        const std::string name = key;
        if (name == "heard") courier_.recall(ditto::Courier::Which::heard, text);
        if (name == "asked") courier_.recall(ditto::Courier::Which::asked, text);
        if (name != "instance" || *text == '\0') return;
        instance_ = text;
        courier_.name(instance_);
    }

    String getState(const char* key) const override {
        const std::string name = key;
        if (name == "heard") return text(courier_.remember(ditto::Courier::Which::heard));
        if (name == "asked") return text(courier_.remember(ditto::Courier::Which::asked));
        return text(instance_);
    }

    void activate() override {
        sample_rate_ = getSampleRate();
        capture_.prepare(sample_rate_);
        courier_.start();
    }

    void run(const float** in, float** out, uint32_t frames) override {
        const ditto::Transport now = transport();
        if (was_pressed(ditto::go)) courier_.go();
        if (was_pressed(ditto::finish)) courier_.finish();
        if (was_pressed(ditto::cancel)) courier_.cancel();
        const bool listens = is_on(ditto::capture);
        if (listens && !was_listening_) capture_.forget();
        was_listening_ = listens;
        if (listens && now.is_rolling)
            capture_.hear(now, in, frames, is_on(ditto::mark), value(ditto::intensity));
        const ditto::Performance* music = is_on(ditto::bypass) ? nullptr : stage_.hold();
        const bool fits = music && music->takes.front().sample_rate == sample_rate_;
        is_of_other_rate_.store(music && !fits, std::memory_order_relaxed);
        const auto take = static_cast<uint32_t>(value(ditto::take)) - 1;
        player_.play(fits ? music : nullptr, now, {take, value(ditto::mix)}, in, out, frames);
        stage_.release();
    }

  private:
    float value(ditto::Knob knob) const noexcept {
        return values_[knob].load(std::memory_order_relaxed);
    }

    bool is_on(ditto::Knob knob) const noexcept { return value(knob) > 0.5f; }

    ditto::Status status() const noexcept {
        const ditto::Status is = courier_.status();
        const bool is_heard = !is_of_other_rate_.load(std::memory_order_relaxed);
        return is != ditto::Status::done || is_heard ? is : ditto::Status::other_rate;
    }

    // A project that was saved with a button down is no one's wish: it must have been up before.
    bool was_pressed(ditto::Knob button) noexcept {
        const bool is_down = is_on(button);
        return std::exchange(was_up_[button], !is_down) && is_down;
    }

    static String text(const std::string& words) { return String(words.c_str()); }

    ditto::Transport transport() const noexcept {
        const TimePosition& host = getTimePosition();
        ditto::Transport now;
        now.is_rolling = host.playing;
        now.frame = static_cast<int64_t>(host.frame);
        if (!host.bbt.valid || host.bbt.beatsPerMinute <= 0 || host.bbt.beatType <= 0) return now;
        now.bpm = host.bbt.beatsPerMinute;
        now.beats_per_bar = host.bbt.beatsPerBar * 4.0 / host.bbt.beatType;
        // The formats do not agree on what a beat of 6/8 is.
        now.has_bar = host.bbt.beatType == 4 && host.bbt.ticksPerBeat > 0;
        if (!now.has_bar) return now;
        const double beats = host.bbt.beat - 1 + host.bbt.tick / host.bbt.ticksPerBeat;
        now.bar = static_cast<double>(now.frame) - beats * 60 / now.bpm * sample_rate_;
        return now;
    }

    ditto::Order order() const {
        ditto::Order order;
        order.task = static_cast<ditto::Task>(std::lround(value(ditto::task)));
        order.bars = static_cast<unsigned>(value(ditto::bars));
        order.strength = value(ditto::strength);
        order.follows_intensity = is_on(ditto::follow);
        order.seed = static_cast<uint64_t>(value(ditto::seed));
        return order;
    }

    std::array<std::atomic<float>, ditto::knob_count> values_;
    std::array<bool, ditto::knob_count> was_up_{};
    std::atomic<bool> is_of_other_rate_{false};
    std::string instance_;
    double sample_rate_ = 0;
    bool was_listening_ = false;
    ditto::Capture capture_;
    ditto::Handover<ditto::Performance> stage_;
    ditto::Player player_;
    ditto::Courier courier_;  // last: its thread uses the others

    DISTRHO_DECLARE_NON_COPYABLE_WITH_LEAK_DETECTOR(DittoPlugin)
};

Plugin* createPlugin() { return new DittoPlugin(); }

END_NAMESPACE_DISTRHO
