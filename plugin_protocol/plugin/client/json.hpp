// JSON (RFC 8259), as far as a connection file needs it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "value.hpp"

namespace ditto {

// The one value in the text. None where it is not JSON, or nested more than 32 deep.
std::optional<Value> read_json(std::string_view text);

// Text as JSON writes it, in its quotes.
std::string json_text(std::string_view text);

}  // namespace ditto
