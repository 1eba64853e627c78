// Plays a performance locked to the host's timeline, over the track.
//
// With Mix at 1 the sample at a place is the take's sample at that place, exactly; where the music
// is not, while the host does not roll, at Mix 0 and when bypassed it is the track's, exactly. When
// Take or Mix change under way they do so over 64 samples.
#pragma once

#include <cstdint>

#include "performance.hpp"
#include "transport.hpp"

namespace ditto {

struct Listening {
    uint32_t take = 0;  // from 0; one that is not there: the last
    float mix = 1;      // 0: the track; 1: the music
};

class Player {
  public:
    // `in` and `out` have two channels each and may be the same. [audio thread]
    void play(const Performance* music, const Transport& now, const Listening& wish,
              const float* const* in, float* const* out, uint32_t frames) noexcept;

  private:
    static constexpr uint32_t fade = 64;  // samples

    struct Change {
        Listening from, to;
        uint32_t left = 0;  // samples until it is complete
    };

    void lay_over(const Performance& music, int64_t first, uint32_t begin, uint32_t end,
                  float* const* out) const noexcept;

    Change change_;
    const Performance* last_ = nullptr;
    int64_t next_frame_ = -1;  // where the host goes on if it does not jump; -1: it did not roll
};

}  // namespace ditto
