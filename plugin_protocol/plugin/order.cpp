#include "order.hpp"

#include <algorithm>
#include <tuple>

#include "loudness.hpp"

namespace ditto {
namespace {

constexpr double usual_bpm = 120;
constexpr size_t most_points = 500;    // the wire takes 512
constexpr double shortest_step = 0.1;  // seconds; faster changes are no change of intensity
constexpr double loudest = 0;          // dB of full scale

double bar_seconds(const Clip& clip) {
    return clip.beats_per_bar * 60 / (clip.bpm > 0 ? clip.bpm : usual_bpm);
}

Kind kind(Task task) {
    switch (task) {
        case Task::fill: return Kind::inpaint;
        case Task::go_on: return Kind::outpaint_after;
        case Task::lead_in: return Kind::outpaint_before;
        case Task::loop: return Kind::loop;
        case Task::reshape: return Kind::vary;
    }
    return Kind::outpaint_after;
}

// The automation at evenly spaced moments and at the end, as levels.
std::vector<Point> curve(const Clip& clip) {
    const Loudness loudness(clip.audio);
    const double rate = clip.audio.sample_rate;
    const size_t frames = clip.gains.size();
    const auto shortest = static_cast<size_t>(shortest_step * rate);
    const size_t step = std::max({shortest, frames / most_points + 1, size_t{1}});
    std::vector<Point> points;
    auto add = [&](size_t frame, float gain) {
        const double seconds = static_cast<double>(frame) / rate;
        points.push_back({seconds, std::min(loudest, loudness.at(seconds) + gain)});
    };
    for (size_t i = 0; i < frames; i += step) add(i, clip.gains[i]);
    add(frames, clip.gains.back());
    return points;
}

}  // namespace

bool Order::operator==(const Order& other) const {
    auto all = [](const Order& is) {
        return std::tie(is.task, is.bars, is.strength, is.follows_intensity, is.seed,
                        is.wishes.prompt, is.wishes.model, is.wishes.quality, is.wishes.takes);
    };
    return all(*this) == all(other);
}

std::optional<Status> refusal(const Order& order, const Clip& clip) {
    if (clip.audio.frames() == 0) return Status::nothing_captured;
    if (order.task == Task::fill && clip.marks.empty()) return Status::nothing_marked;
    return std::nullopt;
}

Request request(const Order& order, const Clip& clip) {
    const double rate = clip.audio.sample_rate;
    Request asked;
    asked.kind = kind(order.task);
    if (order.task == Task::go_on || order.task == Task::lead_in)
        asked.seconds = order.bars * bar_seconds(clip);
    if (order.task == Task::fill)
        for (const Stretch& mark : clip.marks)
            asked.regions.push_back(
                {static_cast<double>(mark.start) / rate, static_cast<double>(mark.end) / rate});
    asked.strength = order.strength;
    asked.prompt = order.wishes.prompt;
    asked.model = order.wishes.model;
    asked.quality = order.wishes.quality;
    asked.takes = order.wishes.takes;
    asked.seed = order.seed;
    asked.has_tempo = clip.bpm >= 20 && clip.bpm <= 400 && clip.has_beat_offset;
    asked.bpm = clip.bpm;
    asked.beat_offset = clip.beat_offset;
    if (order.follows_intensity && (order.task == Task::fill || order.task == Task::reshape))
        asked.intensity = curve(clip);
    asked.clip = clip.audio;
    return asked;
}

}  // namespace ditto
