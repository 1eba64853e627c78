#include "connection_file.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "json.hpp"

namespace ditto {
namespace {

constexpr size_t largest_file = 16 * 1024;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : value;
}

std::string home() {
    if (std::string folder = environment("HOME"); !folder.empty()) return folder;
    passwd entry = {}, *found = nullptr;
    std::array<char, 4096> room;
    const bool is_found =
        getpwuid_r(getuid(), &entry, room.data(), room.size(), &found) == 0 && found != nullptr;
    return is_found ? found->pw_dir : std::string();
}

std::string file_path() {
    if (std::string file = environment("DITTO_CONNECTION"); !file.empty()) return file;
    if (std::string folder = environment("DITTO_HOME"); !folder.empty())
        return folder + "/state/daemon.json";
#ifdef __APPLE__
    return home() + "/Library/Application Support/ditto/daemon.json";
#else
    const std::string state = environment("XDG_STATE_HOME");
    return (state.empty() ? home() + "/.local/state" : state) + "/ditto/daemon.json";
#endif
}

// All of a small file; false where it is larger or cannot be read.
bool read_file(int descriptor, std::string& into) {
    std::array<char, largest_file + 1> room;
    ssize_t size = 0;
    while ((size = read(descriptor, room.data(), room.size())) > 0 && into.size() <= largest_file)
        into.append(room.data(), static_cast<size_t>(size));
    return size == 0 && into.size() <= largest_file;
}

Whereabouts read_whereabouts(int descriptor, const std::string& path) {
    Whereabouts result;
    result.has_file = true;
    struct stat status;
    std::string text;
    // ssh's rule for keys: whoever can write this file could send our audio anywhere.
    if (fstat(descriptor, &status) != 0 || status.st_uid != getuid() || !S_ISREG(status.st_mode) ||
        (status.st_mode & 022) != 0) {
        result.sentence = "The connection file " + path +
                          " belongs to another user or is writable by others. Remove it and start "
                          "the daemon again, or `chmod 600` it.";
        return result;
    }
    const auto said = read_file(descriptor, text) ? read_json(text) : std::nullopt;
    const std::string endpoint = said ? said->text("endpoint") : std::string();
    static const std::string_view unix = "ipc:///";
    if (endpoint.compare(0, unix.size(), unix) == 0) {
        result.socket_path = endpoint.substr(unix.size() - 1);
    } else if (endpoint.compare(0, 6, "tcp://") == 0) {
        result.sentence = "The connection file " + path +
                          " names a daemon on a network. The plugin talks to one on this machine "
                          "only.";
    } else {
        result.sentence =
            "The connection file " + path + " is damaged. Stop the daemon and remove the file.";
    }
    return result;
}

}  // namespace

Whereabouts find_daemon() {
    const std::string path = file_path();
    // Not to be kept waiting by a pipe that somebody has put there.
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        Whereabouts nowhere;
        nowhere.sentence = "No daemon is running. Start one with `ditto serve`.";
        return nowhere;
    }
    Whereabouts result = read_whereabouts(descriptor, path);
    close(descriptor);
    return result;
}

}  // namespace ditto
