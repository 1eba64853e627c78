// Frames -> a message of the daemon, checked against every bound (PROTOCOL.md, sections 2 and 8.3).
#pragma once

#include <string>
#include <vector>

#include "bytes.hpp"
#include "value.hpp"

namespace ditto {

struct Message {
    std::string type;  // `t`, such as job.state
    int64_t re = 0;    // the request that it answers; 0: an event
    Value header;
    Bytes chunk;  // of blob.data
};

enum class Reading {
    fine,
    unknown_type,         // from the future: to be skipped
    unsupported_version,  // another major
    bad,                  // not well formed, or out of bounds
};

// Takes the frames apart; `into` is whole only if the reading is fine.
Reading read_message(std::vector<Bytes> frames, Message& into);

}  // namespace ditto
