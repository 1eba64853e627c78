// An audio thread and a courier's: what one writes the other reads, and every sample is right.
//
// The track is a ramp, so that a sample says where on the timeline it belongs.
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "capture.hpp"
#include "handover.hpp"
#include "player.hpp"

using namespace ditto;

namespace {

constexpr int64_t length = 400'000;  // of the timeline; exact in a float
constexpr double rate = 1000;        // a tape of 90000 samples: it comes to its end soon

void require(bool is_right, const char* what) {
    if (is_right) return;
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
}

void check(const Clip& clip) {
    for (size_t i = 0; i < clip.audio.frames(); ++i) {
        const auto place = static_cast<float>(clip.start + static_cast<int64_t>(i));
        require(clip.audio.channel(0)[i] == place, "left is of another place");
        require(clip.audio.channel(1)[i] == -place, "right is of another place");
    }
}

std::unique_ptr<const Performance> music(std::mt19937& chance) {
    auto made = std::make_unique<Performance>();
    made->start = chance() % length;
    made->frames = chance() % 5000 + 1;
    made->repeats = chance() % 2;
    made->audible = {{0, made->frames / 2}, {made->frames / 2, made->frames}};
    for (int take = 0; take < 3; ++take) {
        Audio audio{static_cast<uint32_t>(rate), 2, {}};
        audio.samples.assign(2 * made->frames, 1e6f);
        made->takes.push_back(audio);
    }
    return made;
}

}  // namespace

int main() {
    Capture capture;
    capture.prepare(rate);
    Handover<Performance> stage;
    Player player;
    std::atomic<bool> is_ending{false};

    std::thread audio([&] {
        std::mt19937 chance(1);
        std::vector<float> left(512), right(512), out_left(512), out_right(512);
        int64_t frame = 0;
        while (!is_ending) {
            if (chance() % 400 == 0) frame = chance() % length;
            if (frame > length) frame = 0;
            const uint32_t frames = chance() % 512 + 1;
            for (uint32_t i = 0; i < frames; ++i) {
                left[i] = static_cast<float>(frame + i);
                right[i] = -left[i];
            }
            Transport now;
            now.is_rolling = true;
            now.frame = frame;
            const float* in[] = {left.data(), right.data()};
            float* out[] = {out_left.data(), out_right.data()};
            capture.hear(now, in, frames, chance() % 2, -20);
            const Performance* heard = stage.hold();
            player.play(heard, now, {static_cast<uint32_t>(chance() % 4), 1}, in, out, frames);
            stage.release();
            for (uint32_t i = 0; i < frames; ++i)
                require(out_left[i] == left[i] || out_left[i] == 1e6f, "neither track nor music");
            frame += frames;
        }
    });

    std::mt19937 chance(2);
    int copies = 0;
    for (int i = 0; i < 60; ++i) {
        if (const auto clip = capture.copy()) {
            ++copies;
            require(clip->audio.frames() <= 90 * rate, "more than the limit");
            check(*clip);
        }
        for (int change = 0; change < 20; ++change) stage.offer(music(chance));
    }
    is_ending = true;
    audio.join();
    require(copies > 10, "hardly ever a copy");
}
