#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "probe/probe.hpp"

int main(int count, char** words) {
    using namespace ditto::probe;
    static const std::map<std::string, int (*)()> modes = {
        {"session", run_session}, {"sessions", run_sessions}, {"ask", write_headers},
        {"read", read_frames},    {"values", read_values},    {"sha256", name_blobs},
        {"find", find_daemons},   {"ids", make_ids},          {"fuzz", fuzz},
    };
    const auto mode = modes.find(count == 2 ? words[1] : "");
    if (mode == modes.end()) {
        std::fprintf(stderr, "usage: ditto-probe MODE\n");
        return 2;
    }
    std::setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
    return mode->second();
}
