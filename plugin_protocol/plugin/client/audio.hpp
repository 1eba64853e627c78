// Audio as it lies in memory and on the wire: planar, float, full scale 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ditto {

struct Audio {
    uint32_t sample_rate = 0;    // per second
    uint32_t channels = 0;       // 1 or 2
    std::vector<float> samples;  // channels * frames: all of channel 0, then channel 1

    size_t frames() const { return channels == 0 ? 0 : samples.size() / channels; }
    const float* channel(size_t number) const { return samples.data() + number * frames(); }
    float* channel(size_t number) { return samples.data() + number * frames(); }
};

}  // namespace ditto
