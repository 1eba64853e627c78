// What was heard while Capture was on.
#pragma once

#include <cstdint>
#include <vector>

#include "client/audio.hpp"

namespace ditto {

struct Stretch {
    int64_t start, end;  // samples
};

struct Clip {
    int64_t start = 0;  // samples from the beginning of the host's timeline to the first of these
    Audio audio;
    std::vector<Stretch> marks;    // of the clip: where Mark was on
    std::vector<float> gains;      // Intensity at each sample, dB from the clip's own level
    double bpm = 0;                // 0: not known, or it changed
    double beats_per_bar = 4;      // quarter notes
    bool has_beat_offset = false;  // whether the next is known
    double beat_offset = 0;        // seconds from the clip's first sample to one that begins a bar
};

}  // namespace ditto
