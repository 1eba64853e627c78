#include "folders.hpp"

#include <cstdlib>

namespace ditto {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string inside(const char* xdg, const char* usual, const std::string& name) {
    if (const std::string home = variable("DITTO_HOME"); !home.empty()) return home + "/" + name;
    const std::string user = variable("HOME");
#ifdef __APPLE__
    (void)xdg, (void)usual;
    return user.empty() ? "" : user + "/Library/Application Support/ditto/" + name;
#else
    if (const std::string base = variable(xdg); !base.empty()) return base + "/ditto/" + name;
    return user.empty() ? "" : user + usual + "/ditto/" + name;
#endif
}

}  // namespace

std::string wishes_path() { return inside("XDG_CONFIG_HOME", "/.config", "plugin.conf"); }

std::string shelf_path() { return inside("XDG_DATA_HOME", "/.local/share", "plugin"); }

}  // namespace ditto
