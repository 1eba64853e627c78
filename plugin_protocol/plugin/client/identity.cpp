#include <chrono>
#include <cstdio>
#include <random>

#include "session.hpp"

namespace ditto {

std::string new_job_id() {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    const auto time = static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count());
    std::random_device source;
    const uint32_t a = source(), b = source(), c = source();
    char id[40];
    std::snprintf(id, sizeof id, "%08x-%04x-7%03x-%04x-%04x%08x",
                  static_cast<unsigned>(time >> 16 & 0xFFFFFFFF),
                  static_cast<unsigned>(time & 0xFFFF), static_cast<unsigned>(a & 0xFFF),
                  static_cast<unsigned>(0x8000 | (a >> 12 & 0x3FFF)),
                  static_cast<unsigned>(b & 0xFFFF), static_cast<unsigned>(c));
    return id;
}

}  // namespace ditto
