#include "capture.hpp"

#include <algorithm>
#include <cmath>
#include <new>

namespace ditto {
namespace {

// Left uninitialized on purpose: pages that were never heard are never in memory.
template <typename Value>
std::unique_ptr<std::atomic<Value>[]> room(int64_t size) {
    return std::unique_ptr<std::atomic<Value>[]>(new (std::nothrow)
                                                     std::atomic<Value>[static_cast<size_t>(size)]);
}

}  // namespace

void Capture::prepare(double sample_rate) {
    if (sample_rate == sample_rate_) return;
    const std::lock_guard lock(memory_);
    sample_rate_ = sample_rate;
    limit_ = static_cast<int64_t>(std::ceil(limit * sample_rate));
    // A second more, that a full tape may be copied while it goes on.
    capacity_ = limit_ + static_cast<int64_t>(std::ceil(sample_rate));
    left_ = room<float>(capacity_);
    right_ = room<float>(capacity_);
    gain_ = room<float>(capacity_);
    mark_ = room<bool>(capacity_);
    // Without memory it hears nothing; its host goes on.
    if (!left_ || !right_ || !gain_ || !mark_) capacity_ = 0;
    forget();
}

void Capture::forget() noexcept {
    Extent fresh;
    fresh.beginning = extent_.beginning + 1;
    extent_ = fresh;
    published_.publish(extent_);
    seconds_.store(0, std::memory_order_relaxed);
}

size_t Capture::slot(int64_t frame) const noexcept {
    const int64_t rest = frame % capacity_;
    return static_cast<size_t>(rest < 0 ? rest + capacity_ : rest);
}

void Capture::hear(const Transport& now, const float* const* in, uint32_t frames, bool is_marked,
                   float gain) noexcept {
    const int64_t begin = now.frame, end = begin + frames;
    if (frames == 0 || frames > capacity_) return;
    Extent& is = extent_;
    const bool is_new = is.low == is.high || begin > is.high || end < is.low;
    if (is_new) {
        is.low = is.high = begin;
        ++is.beginning;
        is.is_steady = true;
    } else if (now.bpm != is.tempo.bpm || now.beats_per_bar != is.tempo.beats_per_bar) {
        is.is_steady = false;
    }
    is.tempo = now;
    // What is about to be overwritten is disowned first: a reader looks again after it has copied.
    if (begin < is.low) is.high = std::min(is.high, begin + capacity_);
    if (end > is.high) is.low = std::max(is.low, end - capacity_);
    published_.publish(is);
    for (uint32_t i = 0; i < frames; ++i) {
        const size_t at = slot(begin + i);
        left_[at].store(in[0][i], std::memory_order_release);
        right_[at].store(in[1][i], std::memory_order_release);
        gain_[at].store(gain, std::memory_order_release);
        mark_[at].store(is_marked, std::memory_order_release);
    }
    is.low = std::min(is.low, begin);
    is.high = std::max(is.high, end);
    published_.publish(is);
    const int64_t held = std::min(is.high - is.low, limit_);
    seconds_.store(static_cast<double>(held) / sample_rate_, std::memory_order_relaxed);
}

double Capture::seconds() const noexcept { return seconds_.load(std::memory_order_relaxed); }

std::optional<Clip> Capture::copy() const {
    const std::lock_guard lock(memory_);
    // Twice is rare: the host would have to jump elsewhere in the milliseconds of a copy.
    for (int attempt = 0; attempt < 5; ++attempt) {
        Extent held = published_.read();
        if (held.low == held.high) return std::nullopt;
        held.low = std::max(held.low, held.high - limit_);
        std::optional<Clip> clip = copy(held);
        const Extent now = published_.read();
        const bool is_whole = now.low <= held.low && held.high <= now.high;
        if (now.beginning == held.beginning && is_whole) return clip;
    }
    return std::nullopt;
}

std::optional<Clip> Capture::copy(const Extent& extent) const {
    const auto frames = static_cast<size_t>(extent.high - extent.low);
    Clip clip;
    clip.start = extent.low;
    clip.audio.sample_rate = static_cast<uint32_t>(std::lround(sample_rate_));
    clip.audio.channels = 2;
    clip.audio.samples.resize(2 * frames);
    clip.gains.resize(frames);
    bool was_marked = false;
    for (size_t i = 0; i < frames; ++i) {
        const size_t at = slot(extent.low + static_cast<int64_t>(i));
        clip.audio.channel(0)[i] = left_[at].load(std::memory_order_acquire);
        clip.audio.channel(1)[i] = right_[at].load(std::memory_order_acquire);
        clip.gains[i] = gain_[at].load(std::memory_order_acquire);
        const bool is_marked = mark_[at].load(std::memory_order_acquire);
        if (is_marked && !was_marked) clip.marks.push_back({static_cast<int64_t>(i), 0});
        if (is_marked) clip.marks.back().end = static_cast<int64_t>(i) + 1;
        was_marked = is_marked;
    }
    if (extent.is_steady) {
        clip.bpm = extent.tempo.bpm;
        clip.beats_per_bar = extent.tempo.beats_per_bar;
        clip.has_beat_offset = clip.bpm > 0 && extent.tempo.has_bar;
        // Whole samples: the same bar is the same number wherever the host was when it said so.
        const double bar = std::round(extent.tempo.bar);
        clip.beat_offset = (bar - static_cast<double>(extent.low)) / sample_rate_;
    }
    return clip;
}

}  // namespace ditto
