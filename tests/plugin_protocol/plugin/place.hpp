// Where a stage's playhead is.
#pragma once

#include <cstdint>

struct Place {
    int64_t frame;
    bool rolls;
    double bpm;  // 0: not known
};
