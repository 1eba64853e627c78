// Music that came back, and where on the host's timeline it is played.
#pragma once

#include <cstdint>
#include <vector>

#include "client/audio.hpp"
#include "clip.hpp"

namespace ditto {

struct Performance {
    int64_t start = 0;             // samples from the beginning of the timeline to the takes' first
    int64_t frames = 0;            // of each take
    bool repeats = false;          // begins again behind its end: a loop
    std::vector<Stretch> audible;  // of the takes, in order; elsewhere the track itself is heard
    std::vector<Audio> takes;      // two channels each
};

}  // namespace ditto
