#include "wishes.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace ditto {
namespace {

constexpr size_t longest_file = 64 * 1024;  // bytes; what is longer is something else

std::string trimmed(const std::string& text) {
    const size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

Wishes read_wishes(const std::string& path) {
    Wishes wishes;
    std::ifstream file(path);
    std::string line;
    size_t read = 0;
    while (std::getline(file, line) && (read += line.size()) < longest_file) {
        const size_t equals = line.find('=');
        if (equals == std::string::npos || trimmed(line).front() == '#') continue;
        const std::string key = trimmed(line.substr(0, equals));
        const std::string value = trimmed(line.substr(equals + 1));
        if (value.empty()) continue;
        if (key == "prompt") wishes.prompt = value;
        if (key == "model") wishes.model = value;
        if (key == "quality") wishes.quality = value;
        if (key == "takes")
            wishes.takes =
                static_cast<unsigned>(std::clamp(std::strtol(value.c_str(), nullptr, 10), 1L, 8L));
    }
    return wishes;
}

}  // namespace ditto
