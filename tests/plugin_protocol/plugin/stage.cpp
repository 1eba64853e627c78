// A host of LV2 or CLAP with one plugin, two channels and a playhead that does what it is told,
// line by line:
//
//     input FILE                     planar float32 of two channels: the track, from frame 0 on
//     tempo BPM                      4/4, a bar begins at frame 0; 0: the host knows no tempo
//     knob SYMBOL VALUE
//     play FROM FRAMES BLOCK [FILE]  roll; BLOCK 0: random sizes; what is heard goes into FILE
//     idle FRAMES [FILE]             stand still and hear the track's beginning
//     lamp SYMBOL                    print a value
//     await SYMBOL VALUE SECONDS     stand still until a lamp shows the value
//     storm RUNS SEED                jump, roll and turn knobs at random; print what was counted
//     save FILE / restore FILE       the plugin's state and knobs
//     weigh                          print threads, open files and resident kilobytes
//     beside / swap                  leave the instance as it is and make another; go to the other
//     rate HERTZ / renew             another sample rate; end the instance and make another
#include <malloc.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <sstream>
#include <thread>

#include "counted_calls.hpp"
#ifdef CLAP
#include "clap_instance.hpp"
#else
#include "lv2_instance.hpp"
#endif

namespace {

using Clock = std::chrono::steady_clock;

struct Stage {
    Library library;
    double rate = 48000;
    std::unique_ptr<Instance> plugin, other;
    std::vector<float> track;  // planar
    double bpm = 120;
    std::mt19937 chance{1};
    std::vector<float> in[2], out[2];
    Clock::duration spent{};

    explicit Stage(const char* path) : library(path) { renew(); }

    void renew() {
        plugin.reset();
        plugin = std::make_unique<Instance>(library, rate);
    }

    float sample(int channel, int64_t frame) const {
        const auto length = static_cast<int64_t>(track.size() / 2);
        return frame < 0 || frame >= length ? 0 : track[channel * length + frame];
    }

    void block(int64_t frame, uint32_t frames, bool rolls) {
        for (int channel = 0; channel < 2; ++channel) {
            in[channel].resize(frames);
            out[channel].assign(frames, 99);
            for (uint32_t i = 0; i < frames; ++i) in[channel][i] = sample(channel, frame + i);
        }
        plugin->place({frame, rolls, bpm});
        const auto begin = Clock::now();
        is_live = true;
        plugin->run(in[0].data(), in[1].data(), out[0].data(), out[1].data(), frames);
        is_live = false;
        spent += Clock::now() - begin;
        plugin->let_go();
    }

    void roll(int64_t frame, int64_t frames, uint32_t size, bool rolls, const std::string& file) {
        std::vector<float> heard[2];
        for (int64_t done = 0; done < frames;) {
            const uint32_t wanted = size ? size : chance() % 1500 + 1;
            const auto now = static_cast<uint32_t>(std::min<int64_t>(wanted, frames - done));
            block(rolls ? frame + done : frame, now, rolls);
            for (int c = 0; c < 2; ++c)
                heard[c].insert(heard[c].end(), out[c].begin(), out[c].end());
            done += now;
        }
        if (file.empty()) return;
        std::ofstream written(file, std::ios::binary);
        for (const auto& channel : heard)
            written.write(reinterpret_cast<const char*>(channel.data()), 4 * channel.size());
    }

    bool await(const std::string& symbol, double value, double seconds) {
        const auto end = Clock::now() + std::chrono::duration<double>(seconds);
        while (plugin->knob(symbol) != static_cast<float>(value)) {
            if (Clock::now() > end) return false;
            block(0, 64, false);
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        return true;
    }

    void storm(int runs, unsigned seed) {
        std::mt19937 random(seed);
        static const char* toggles[] = {"capture", "mark", "follow", "lv2_enabled"};
        int64_t frame = 0, frames_done = 0;
        counted.allocations = counted.locks = counted.system_calls = 0;
        spent = {};
        for (int i = 0; i < runs; ++i) {
            if (random() % 20 == 0) frame = random() % (track.size() / 2 + 1);
            if (random() % 10 == 0) plugin->turn(toggles[random() % 4], random() % 2);
            if (random() % 10 == 0) plugin->turn("take", 1.0 + random() % 8);
            if (random() % 10 == 0) plugin->turn("mix", random() % 5 / 4.0);
            if (random() % 10 == 0) plugin->turn("intensity", -48.0 + random() % 61);
            const uint32_t frames = random() % 512 + 1;
            const bool rolls = random() % 8 != 0;
            block(frame, frames, rolls);
            if (rolls) frame += frames;
            frames_done += frames;
        }
        const double share =
            std::chrono::duration<double>(spent).count() / (frames_done / rate) * 100;
        std::cout << counted.allocations << ' ' << counted.locks << ' ' << counted.system_calls
                  << ' ' << share << std::endl;
    }
};

long entries(const char* folder) {
    const std::filesystem::directory_iterator all(folder);
    return std::distance(begin(all), end(all));
}

void weigh() {
    malloc_trim(0);
    long pages = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident;
    std::cout << entries("/proc/self/task") << ' ' << entries("/proc/self/fd") << ' '
              << resident * 4 << std::endl;
}

}  // namespace

int main(int, char** arguments) {
    Stage stage(arguments[1]);
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string verb, name;
        double a = 0, b = 0, c = 0;
        words >> verb;
        if (verb == "input") {
            words >> name;
            std::ifstream file(name, std::ios::binary | std::ios::ate);
            stage.track.resize(file.tellg() / 4);
            file.seekg(0);
            file.read(reinterpret_cast<char*>(stage.track.data()), 4 * stage.track.size());
        } else if (verb == "tempo") {
            words >> stage.bpm;
        } else if (verb == "knob") {
            words >> name >> a;
            stage.plugin->turn(name, a);
        } else if (verb == "play") {
            words >> a >> b >> c >> name;
            stage.roll(static_cast<int64_t>(a), static_cast<int64_t>(b), c, true, name);
        } else if (verb == "idle") {
            words >> a >> name;
            stage.roll(0, static_cast<int64_t>(a), 512, false, name);
        } else if (verb == "lamp") {
            words >> name;
            std::cout << stage.plugin->knob(name) << std::endl;
        } else if (verb == "await") {
            words >> name >> a >> b;
            if (stage.await(name, a, b)) continue;
            std::cerr << name << " is " << stage.plugin->knob(name) << ", not " << a << std::endl;
            return 1;
        } else if (verb == "storm") {
            words >> a >> b;
            stage.storm(a, b);
        } else if (verb == "save" || verb == "restore") {
            words >> name;
            verb == "save" ? stage.plugin->save(name) : stage.plugin->restore(name);
        } else if (verb == "weigh") {
            weigh();
        } else if (verb == "beside") {
            stage.other = std::move(stage.plugin);
            stage.renew();
        } else if (verb == "swap") {
            std::swap(stage.plugin, stage.other);
        } else if (verb == "rate") {
            words >> stage.rate;
            stage.renew();
        } else if (verb == "renew") {
            stage.renew();
        } else {
            std::cerr << "what is " << verb << '?' << std::endl;
            return 2;
        }
    }
}
