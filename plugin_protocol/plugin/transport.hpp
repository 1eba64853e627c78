// Where the host's timeline is in this block, and what it says about tempo.
#pragma once

#include <cstdint>

namespace ditto {

struct Transport {
    bool is_rolling = false;
    int64_t frame = 0;         // samples from the beginning of the timeline to the block's first
    double bpm = 0;            // quarter notes per minute; 0: the host does not say
    double beats_per_bar = 4;  // quarter notes
    bool has_bar = false;      // whether the next is known
    double bar = 0;            // samples from the beginning of the timeline to the one of this bar
};

}  // namespace ditto
