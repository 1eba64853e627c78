// How loud a clip is, as `"match": "gain"` of job folders has it.
#pragma once

#include "client/audio.hpp"

namespace ditto {

// The mean of its frames' levels in dB relative to full scale; silence is -80 dB.
double level_of(const Audio& clip);

}  // namespace ditto
