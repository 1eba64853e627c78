// What a header or a file says, before anybody has asked whether it makes sense.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytes.hpp"

namespace ditto {

struct Value {
    // `other` is an integer beyond 64 bits with a sign, which fits nowhere in the protocol.
    enum class Type { nil, boolean, integer, real, text, binary, list, map, other };

    Type type = Type::nil;
    bool boolean = false;
    int64_t integer = 0;
    double real = 0;
    std::string bytes;               // of text (UTF-8) and binary
    std::vector<Value> items;        // of a list and a map
    std::vector<std::string> names;  // of a map's items

    // The member of a map, the last one of equal names; nil counts as left out.
    const Value* find(std::string_view name) const;

    // A member of a map, or its default where it is left out or of another type.
    int64_t count(std::string_view name, int64_t fallback = 0) const;
    double number(std::string_view name, double fallback) const;
    bool flag(std::string_view name, bool fallback = false) const;
    std::string text(std::string_view name) const;
    const std::vector<Value>& list(std::string_view name) const;
};

// Whether bytes are UTF-8 (RFC 3629), and how many characters; none where they are not.
std::optional<size_t> count_characters(const std::string& bytes);

}  // namespace ditto
