#include <cstring>

#include "msgpack.hpp"

namespace ditto {
namespace {

constexpr uint64_t list_items = 4096, map_pairs = 256;
constexpr int deepest = 32;  // the protocol's own messages go six deep

class Reader {
  public:
    explicit Reader(View bytes) : rest_(bytes) {}

    bool is_at_end() const { return rest_.size == 0; }

    bool read(Value& into, int depth = 0) {
        uint64_t tag = 0;
        if (depth > deepest || !big_endian(1, tag)) return false;
        if (tag < 0x80) return integer(into, static_cast<int64_t>(tag));
        if (tag < 0x90) return map(into, tag & 0x0F, depth);
        if (tag < 0xA0) return list(into, tag & 0x0F, depth);
        if (tag < 0xC0) return bytes(into, tag & 0x1F, Value::Type::text);
        if (tag >= 0xE0) return integer(into, static_cast<int64_t>(tag) - 0x100);
        switch (tag) {
            case 0xC0: return true;
            case 0xC2:
            case 0xC3:
                into.type = Value::Type::boolean;
                into.boolean = tag == 0xC3;
                return true;
            case 0xCA: return real32(into);
            case 0xCB: return real64(into);
            case 0xDE:
            case 0xDF: return map(into, length(tag == 0xDE ? 2 : 4), depth);
            case 0xDC:
            case 0xDD: return list(into, length(tag == 0xDC ? 2 : 4), depth);
        }
        if (tag >= 0xC4 && tag <= 0xC6)
            return bytes(into, length(1 << (tag - 0xC4)), Value::Type::binary);
        if (tag >= 0xD9 && tag <= 0xDB)
            return bytes(into, length(1 << (tag - 0xD9)), Value::Type::text);
        if (tag >= 0xCC && tag <= 0xCF) return natural(into, 1 << (tag - 0xCC));
        if (tag >= 0xD0 && tag <= 0xD3) return signed_integer(into, 1 << (tag - 0xD0));
        return false;  // an extension, or the byte that is never used
    }

  private:
    bool big_endian(size_t size, uint64_t& number) {
        if (rest_.size < size) return false;
        number = 0;
        for (size_t i = 0; i < size; ++i) number = number << 8 | rest_.data[i];
        rest_ = rest_.part(size, rest_.size - size);
        return true;
    }

    // The length of what follows; where it is cut off, more than anything may have.
    uint64_t length(size_t size) {
        uint64_t number = 0;
        return big_endian(size, number) ? number : UINT64_MAX;
    }

    static bool integer(Value& into, int64_t number) {
        into.type = Value::Type::integer;
        into.integer = number;
        return true;
    }

    bool natural(Value& into, size_t size) {
        uint64_t number = 0;
        if (!big_endian(size, number)) return false;
        if (number <= INT64_MAX) return integer(into, static_cast<int64_t>(number));
        into.type = Value::Type::other;
        return true;
    }

    bool signed_integer(Value& into, size_t size) {
        uint64_t number = 0;
        if (!big_endian(size, number)) return false;
        const uint64_t sign = uint64_t{1} << (8 * size - 1);
        const uint64_t extended = (number ^ sign) - sign;
        int64_t result;
        std::memcpy(&result, &extended, sizeof result);
        return integer(into, result);
    }

    bool real32(Value& into) {
        uint64_t number = 0;
        if (!big_endian(4, number)) return false;
        const auto bits = static_cast<uint32_t>(number);
        float real;
        std::memcpy(&real, &bits, sizeof real);
        into.type = Value::Type::real;
        into.real = static_cast<double>(real);
        return true;
    }

    bool real64(Value& into) {
        uint64_t bits = 0;
        if (!big_endian(8, bits)) return false;
        into.type = Value::Type::real;
        std::memcpy(&into.real, &bits, sizeof into.real);
        return true;
    }

    bool bytes(Value& into, uint64_t size, Value::Type type) {
        if (size > rest_.size) return false;
        into.type = type;
        into.bytes.assign(reinterpret_cast<const char*>(rest_.data), static_cast<size_t>(size));
        rest_ = rest_.part(static_cast<size_t>(size), rest_.size - static_cast<size_t>(size));
        return type == Value::Type::binary || count_characters(into.bytes).has_value();
    }

    // No room is made before the items are there: five bytes may promise four thousand of them.
    bool list(Value& into, uint64_t items, int depth) {
        if (items > list_items) return false;
        into.type = Value::Type::list;
        for (uint64_t i = 0; i < items; ++i) {
            into.items.emplace_back();
            if (!read(into.items.back(), depth + 1)) return false;
        }
        return true;
    }

    bool map(Value& into, uint64_t pairs, int depth) {
        if (pairs > map_pairs) return false;
        into.type = Value::Type::map;
        for (uint64_t i = 0; i < pairs; ++i) {
            Value name;
            if (!read(name, depth + 1) || name.type != Value::Type::text) return false;
            into.names.push_back(std::move(name.bytes));
            into.items.emplace_back();
            if (!read(into.items.back(), depth + 1)) return false;
        }
        return true;
    }

    View rest_;
};

}  // namespace

std::optional<Value> unpack(View bytes) {
    Reader reader(bytes);
    Value value;
    if (!reader.read(value) || !reader.is_at_end()) return std::nullopt;
    return value;
}

}  // namespace ditto
