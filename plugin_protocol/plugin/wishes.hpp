// What cannot be said with knobs: words. They stand in a small file that is read at every Go.
//
//     # DITTO plugin
//     prompt = dry drums, 120 bpm
//     quality = normal
//     model = embedded
//     takes = 1
//
// What is not there has its default.
#pragma once

#include <string>

namespace ditto {

struct Wishes {
    std::string prompt;
    std::string model = "embedded";
    std::string quality = "normal";
    unsigned takes = 1;
};

// What the file says; lines that make no sense say nothing.
Wishes read_wishes(const std::string& path);

}  // namespace ditto
