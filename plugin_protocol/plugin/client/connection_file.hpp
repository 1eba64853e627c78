// Where the daemon of this user listens (PROTOCOL.md, section 1.1).
#pragma once

#include <string>

namespace ditto {

struct Whereabouts {
    std::string socket_path;  // empty: nowhere
    bool has_file = false;    // a daemon that leaves takes its file away, one that dies does not
    std::string sentence;     // for the user, where there is no path
};

// Looks into the connection file, which is trusted only if nobody else can have written it.
Whereabouts find_daemon();

}  // namespace ditto
