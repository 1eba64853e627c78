// What the knobs ask for, as a request to the daemon.
#pragma once

#include <optional>
#include <string>

#include "client/request.hpp"
#include "clip.hpp"
#include "parameters.hpp"
#include "wishes.hpp"

namespace ditto {

struct Order {
    Task task = Task::go_on;
    unsigned bars = 2;
    double strength = 0.5;
    bool follows_intensity = false;
    uint64_t seed = 0;
    Wishes wishes;

    bool operator==(const Order& other) const;
};

// Why there is nothing to be made of a clip, or nothing if there is.
std::optional<Status> refusal(const Order& order, const Clip& clip);

// The request, without a job's name, for a clip that was not refused.
Request request(const Order& order, const Clip& clip);

}  // namespace ditto
