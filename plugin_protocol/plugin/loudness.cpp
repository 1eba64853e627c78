#include "loudness.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ditto {
namespace {

constexpr size_t frame = 2048, hop = 512;  // samples
constexpr double silence = 1e-8;  // of power, -80 dB; added, so that pauses count with an end

}  // namespace

double level_of(const Audio& clip) {
    const size_t length = clip.frames(), size = std::min(frame, length);
    if (size == 0) return 10 * std::log10(silence);
    std::vector<double> total(length + 1);
    for (size_t i = 0; i < length; ++i) {
        double power = 0;
        for (size_t channel = 0; channel < clip.channels; ++channel)
            power += std::pow(clip.channel(channel)[i], 2);
        total[i + 1] = total[i] + power / clip.channels;
    }
    double sum = 0;
    size_t count = 0;
    for (size_t start = 0; start + size <= length; start += hop, ++count)
        sum += 10 * std::log10((total[start + size] - total[start]) / static_cast<double>(size) +
                               silence);
    return sum / static_cast<double>(count);
}

}  // namespace ditto
