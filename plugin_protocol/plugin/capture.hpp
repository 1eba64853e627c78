// The tape: the last 90 seconds in one piece that were heard while the host rolled.
//
// Samples are addressed by their place on the host's timeline. A block that touches or overlaps
// what is there extends it or is written over it, as when the host loops; one that comes from
// elsewhere begins anew. So there is never a gap, and the clip is what was heard last in one piece.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "clip.hpp"
#include "published.hpp"
#include "transport.hpp"

namespace ditto {

class Capture {
  public:
    static constexpr double limit = 90;  // seconds

    // Make room for a sample rate, unless it is there. [while run() does not run]
    void prepare(double sample_rate);

    // Forget what was heard. [audio thread]
    void forget() noexcept;

    // Hear a block of two channels of a rolling host. [audio thread]
    void hear(const Transport& now, const float* const* in, uint32_t frames, bool is_marked,
              float gain) noexcept;

    // How much is there. [any thread]
    double seconds() const noexcept;

    // What is there, or nothing. [any thread but the audio thread]
    std::optional<Clip> copy() const;

  private:
    struct Extent {
        int64_t low = 0, high = 0;  // places on the timeline; equal: nothing is there
        uint64_t beginning = 0;     // grows whenever it begins anew
        Transport tempo;            // of the newest block
        bool is_steady = true;      // whether the tempo has always been that
    };

    size_t slot(int64_t frame) const noexcept;
    std::optional<Clip> copy(const Extent& extent) const;

    mutable std::mutex memory_;  // between prepare() and copy()
    double sample_rate_ = 0;
    int64_t limit_ = 0, capacity_ = 0;  // samples
    std::unique_ptr<std::atomic<float>[]> left_, right_, gain_;
    std::unique_ptr<std::atomic<bool>[]> mark_;

    Extent extent_;
    Published<Extent> published_;
    std::atomic<double> seconds_{0};
};

}  // namespace ditto
