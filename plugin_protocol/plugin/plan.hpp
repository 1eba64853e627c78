// Which jobs belong together as takes of one another, in a line that a project can keep.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "parameters.hpp"

namespace ditto {

struct Plan {
    Task task = Task::go_on;
    int64_t start = 0;              // samples of the host's timeline to the clip's first
    uint32_t sample_rate = 0;       // of the clip, and so of the music
    std::vector<std::string> jobs;  // in the order of their takes

    bool has(const std::string& job) const;
};

// TASK START RATE JOB JOB ...; empty for a plan without jobs.
std::string written(const Plan& plan);

// The plan in such a line, or nothing if it is none.
std::optional<Plan> read_plan(const std::string& line);

}  // namespace ditto
