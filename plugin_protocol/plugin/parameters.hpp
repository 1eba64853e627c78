// Every knob and lamp of the plugin, in the order that projects know them by: only ever append.
#pragma once

#include <array>
#include <cstdint>

namespace ditto {

enum Knob : uint32_t {
    bypass,
    capture,
    mark,
    task,
    go,
    finish,
    cancel,
    bars,
    strength,
    follow,
    intensity,
    seed,
    take,
    mix,
    status,
    progress,
    takes,
    captured,
    knob_count
};

enum class Task { fill, go_on, lead_in, loop, reshape };

enum class Status {
    ready,
    nothing_captured,
    nothing_marked,
    waiting,  // for a daemon
    sending,
    queued,
    loading,
    making,
    fetching,
    done,
    cancelled,
    failed,
    lost,        // neither files nor the daemon have what the project remembers
    other_rate,  // there is music, but of another sample rate than the host has now
};

enum class Sort { toggle, button, number, whole, choice, lamp, counter };

struct KnobLook {
    const char* symbol;
    const char* name;
    const char* unit;
    Sort sort;
    float standard, least, most;
    const char* says;
};

inline constexpr std::array<const char*, 5> task_names = {"Fill", "Continue", "Lead-in", "Loop",
                                                          "Reshape"};

inline constexpr std::array<const char*, 14> status_names = {
    "Ready",   "Nothing captured", "Nothing marked", "Waiting for DITTO", "Sending",
    "Queued",  "Loading",          "Making music",   "Fetching",          "Done",
    "Stopped", "Failed",           "Lost",           "Other sample rate"};

inline constexpr std::array<KnobLook, knob_count> knobs = {{
    {"dpf_bypass", "Bypass", "", Sort::toggle, 0, 0, 1, ""},
    {"capture", "Capture", "", Sort::toggle, 0, 0, 1,
     "Listen to the track while the host plays; switched on it forgets what it heard before."},
    {"mark", "Mark", "", Sort::toggle, 0, 0, 1,
     "While it captures: this stretch is to be filled. As often as you like."},
    {"task", "Task", "", Sort::choice, 1, 0, 4, "What to make of what was captured."},
    {"go", "Go", "", Sort::button, 0, 0, 1,
     "Have it made; the same again makes another take. Do not automate."},
    {"finish", "Finish now", "", Sort::button, 0, 0, 1, "End the search and keep the best so far."},
    {"cancel", "Cancel", "", Sort::button, 0, 0, 1, "Stop; nothing is changed."},
    {"bars", "New bars", "", Sort::whole, 2, 1, 16,
     "How much Continue and Lead-in add; a bar is two seconds where the host knows no tempo."},
    {"strength", "Strength", "", Sort::number, 0.5f, 0, 1,
     "How far Reshape may go: 0 keeps the clip, 1 keeps nothing of it."},
    {"follow", "Follow intensity", "", Sort::toggle, 0, 0, 1,
     "Fill and Reshape follow Intensity as it was automated while capturing."},
    {"intensity", "Intensity", "dB", Sort::number, 0, -48, 12,
     "How much louder than the clip the new music shall be: automate it while capturing."},
    {"seed", "Seed", "", Sort::whole, 0, 0, 9999, "The same seed makes the same music."},
    {"take", "Take", "", Sort::whole, 1, 1, 8, "Which take is heard."},
    {"mix", "Mix", "", Sort::number, 1, 0, 1,
     "0: the track; 1: the new music where there is some."},
    {"status", "Status", "", Sort::lamp, 0, 0, 13, ""},
    {"progress", "Progress", "", Sort::counter, 0, 0, 1, ""},
    {"takes", "Takes", "", Sort::lamp, 0, 0, 8, "How many takes there are."},
    {"captured", "Captured", "s", Sort::counter, 0, 0, 90, ""},
}};

}  // namespace ditto
