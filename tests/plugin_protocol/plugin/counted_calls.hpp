// Counts what an audio thread must not do, while `is_live` on this thread.
#pragma once

#include <atomic>

struct CountedCalls {
    std::atomic<long> allocations{0}, locks{0}, system_calls{0};
};

extern CountedCalls counted;
extern thread_local bool is_live;
