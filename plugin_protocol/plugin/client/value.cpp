#include "value.hpp"

namespace ditto {

const Value* Value::find(std::string_view name) const {
    for (size_t i = names.size(); i-- > 0;) {
        if (names[i] == name) return items[i].type == Type::nil ? nullptr : &items[i];
    }
    return nullptr;
}

int64_t Value::count(std::string_view name, int64_t fallback) const {
    const Value* member = find(name);
    return member != nullptr && member->type == Type::integer ? member->integer : fallback;
}

double Value::number(std::string_view name, double fallback) const {
    const Value* member = find(name);
    if (member == nullptr) return fallback;
    if (member->type == Type::integer) return static_cast<double>(member->integer);
    return member->type == Type::real ? member->real : fallback;
}

bool Value::flag(std::string_view name, bool fallback) const {
    const Value* member = find(name);
    return member != nullptr && member->type == Type::boolean ? member->boolean : fallback;
}

std::string Value::text(std::string_view name) const {
    const Value* member = find(name);
    const bool has_bytes =
        member != nullptr && (member->type == Type::text || member->type == Type::binary);
    return has_bytes ? member->bytes : std::string();
}

const std::vector<Value>& Value::list(std::string_view name) const {
    static const std::vector<Value> none;
    const Value* member = find(name);
    return member != nullptr && member->type == Type::list ? member->items : none;
}

std::optional<size_t> count_characters(const std::string& bytes) {
    size_t characters = 0;
    for (size_t i = 0; i < bytes.size(); ++characters) {
        const auto byte = [&](size_t at) {
            return at < bytes.size() ? static_cast<uint8_t>(bytes[at]) : 0u;
        };
        const unsigned first = byte(i);
        if (first < 0x80) {
            ++i;
            continue;
        }
        const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        uint32_t point = first & (0xFFu >> (length + 1));
        for (size_t k = 1; k < length; ++k) {
            if ((byte(i + k) & 0xC0) != 0x80) return std::nullopt;
            point = point << 6 | (byte(i + k) & 0x3F);
        }
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        const bool is_surrogate = point >= 0xD800 && point <= 0xDFFF;
        if (first < 0xC2 || first > 0xF4 || point < least[length] || point > 0x10FFFF ||
            is_surrogate)
            return std::nullopt;
        i += length;
    }
    return characters;
}

}  // namespace ditto
