// What cannot be said with knobs: words. They stand in a small file that is read at every Go.
//
//     # DITTO plugin
//     prompt = dry drums, 120 bpm
//     quality = normal
//     model = embedded
//     takes = 1
//
// It is plugin.conf in $DITTO_HOME, else in $XDG_CONFIG_HOME/ditto or ~/.config/ditto, on macOS in
// ~/Library/Application Support/ditto. What is not there has its default.
#pragma once

#include <string>

namespace ditto {

struct Wishes {
    std::string prompt;
    std::string model = "embedded";
    std::string quality = "normal";
    unsigned takes = 1;
};

// Where the file would be; empty if there is no home.
std::string wishes_path();

// What the file says; lines that make no sense say nothing.
Wishes read_wishes(const std::string& path);

}  // namespace ditto
