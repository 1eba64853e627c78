// How loud a clip is at every moment, as `"match": "gain"` of job folders has it.
//
// Source: bridge/gains.py, which says why it lies midway between two levels.
#pragma once

#include <vector>

#include "client/audio.hpp"

namespace ditto {

class Loudness {
  public:
    // `clip` has a sample at least.
    explicit Loudness(const Audio& clip);

    // The level in dB relative to full scale; silence is -80 dB.
    double at(double seconds) const;

  private:
    double first_, step_;  // seconds to the middle of the first frame, and from one to the next
    std::vector<double> levels_;  // around each frame
};

}  // namespace ditto
