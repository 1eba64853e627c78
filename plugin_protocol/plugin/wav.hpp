// Float WAV files: what hosts read, and what keeps every bit.
#pragma once

#include <optional>
#include <string>

#include "client/audio.hpp"

namespace ditto {

// Write audio under another name, then rename. Returns whether it is there.
bool write_wav(const std::string& path, const Audio& audio);

// Read such a file, or nothing where it is missing or something else.
std::optional<Audio> read_wav(const std::string& path);

}  // namespace ditto
