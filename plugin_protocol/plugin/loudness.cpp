#include "loudness.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace ditto {
namespace {

constexpr size_t frame = 2048, hop = 512;  // samples
constexpr double around_seconds = 1;
constexpr double silence = 1e-8;  // of power, -80 dB; added, so that pauses count with an end

double decibels(double power) { return 10 * std::log10(power + silence); }

std::vector<double> powers(const Audio& clip) {
    const size_t length = clip.frames(), size = std::min(frame, length);
    std::vector<double> total(length + 1), frames;
    for (size_t i = 0; i < length; ++i) {
        double power = 0;
        for (size_t channel = 0; channel < clip.channels; ++channel)
            power += std::pow(clip.channel(channel)[i], 2);
        total[i + 1] = total[i] + power / clip.channels;
    }
    for (size_t start = 0; start + size <= length; start += hop)
        frames.push_back(std::max(0.0, total[start + size] - total[start]) / size);
    return frames;
}

// The mean of `size` values around each, the ends mirrored.
std::vector<double> smoothed(const std::vector<double>& values, int64_t size) {
    const auto count = static_cast<int64_t>(values.size());
    auto mirrored = [&](int64_t i) {
        const int64_t rest = ((i % (2 * count)) + 2 * count) % (2 * count);
        return values[static_cast<size_t>(rest < count ? rest : 2 * count - 1 - rest)];
    };
    std::vector<double> means(values.size());
    double sum = 0;
    for (int64_t i = -(size / 2); i < size - size / 2; ++i) sum += mirrored(i);
    for (int64_t i = 0; i < count; ++i) {
        means[static_cast<size_t>(i)] = sum / static_cast<double>(size);
        sum += mirrored(i - size / 2 + size) - mirrored(i - size / 2);
    }
    return means;
}

}  // namespace

Loudness::Loudness(const Audio& clip)
    : first_(std::min(frame, clip.frames()) / 2.0 / clip.sample_rate),
      step_(static_cast<double>(hop) / clip.sample_rate) {
    const std::vector<double> power = powers(clip);
    std::vector<double> level(power.size());
    std::transform(power.begin(), power.end(), level.begin(), decibels);
    const auto around = static_cast<int64_t>(
        std::max(1.0, std::nearbyint(around_seconds * clip.sample_rate / hop)));
    levels_ = smoothed(level, around);
    const std::vector<double> of_power = smoothed(power, around);
    for (size_t i = 0; i < levels_.size(); ++i)
        levels_[i] = (levels_[i] + decibels(std::max(0.0, of_power[i]))) / 2;
}

double Loudness::at(double seconds) const {
    const double last = static_cast<double>(levels_.size() - 1);
    const double place = std::clamp((seconds - first_) / step_, 0.0, last);
    const auto left = static_cast<size_t>(place);
    const size_t right = std::min(left + 1, levels_.size() - 1);
    const double share = place - static_cast<double>(left);
    return levels_[left] + (levels_[right] - levels_[left]) * share;
}

}  // namespace ditto
