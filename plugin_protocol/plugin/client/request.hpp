// What the plugin asks for: one kind of music, and the few controls that it has.
//
// PROTOCOL.md, section 7, has the bounds; the daemon checks them, and its answer says what is
// wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "audio.hpp"

namespace ditto {

enum class Kind { inpaint, outpaint_after, outpaint_before, loop, vary, generate };

struct Region {
    double start, end;  // seconds of the clip
};

struct Point {
    double seconds;   // of the result
    double decibels;  // relative to full scale
};

struct Request {
    std::string job;  // from new_job_id()
    Kind kind = Kind::inpaint;
    double seconds = 0;           // of new music: outpaint, loop (0: up to a full bar), generate
    std::vector<Region> regions;  // inpaint: made anew
    double strength = 0.5;        // vary: 0, the clip through the model, to 1, fresh music
    std::string prompt;
    std::string model = "embedded";
    std::string quality = "normal";  // draft, normal, best, paper
    uint64_t seed = 0;               // of the first take; each further take has the next
    unsigned takes = 1;              // 1 to 8
    bool has_tempo = false;          // whether the next two are known
    double bpm = 0;
    double beat_offset = 0;           // seconds from the clip's first sample to a downbeat
    std::vector<Point> intensity;     // none, or two and more, their times strictly increasing
    bool intensity_is_shape = false;  // its rise and fall only, not its level
    Audio clip;                       // left empty for generate
};

// What keeps a request from being sent at all, as a sentence for the user; empty: nothing.
std::string complaint_about(const Request& request);

// Whether it could be the name of a job: 32 digits in lower case and four hyphens.
bool is_job_id(const std::string& text);

}  // namespace ditto
