#include <cstring>

#include "msgpack.hpp"

namespace ditto {

Packer& Packer::map(size_t pairs) {
    if (pairs < 16) {
        bytes_.push_back(static_cast<uint8_t>(0x80 | pairs));
    } else {
        bytes_.push_back(0xDE);
        big_endian(pairs, 2);
    }
    return *this;
}

Packer& Packer::list(size_t items) {
    if (items < 16) {
        bytes_.push_back(static_cast<uint8_t>(0x90 | items));
    } else {
        sized(items, 0, 0xDC, 0xDD);
    }
    return *this;
}

Packer& Packer::text(std::string_view characters) {
    if (characters.size() < 32) {
        bytes_.push_back(static_cast<uint8_t>(0xA0 | characters.size()));
    } else {
        sized(characters.size(), 0xD9, 0xDA, 0xDB);
    }
    append(bytes_, View(characters.data(), characters.size()));
    return *this;
}

Packer& Packer::binary(View bytes) {
    sized(bytes.size, 0xC4, 0xC5, 0xC6);
    append(bytes_, bytes);
    return *this;
}

Packer& Packer::integer(uint64_t number) {
    if (number < 0x80) {
        bytes_.push_back(static_cast<uint8_t>(number));
    } else if (number <= UINT32_MAX) {
        sized(static_cast<size_t>(number), 0xCC, 0xCD, 0xCE);
    } else {
        bytes_.push_back(0xCF);
        big_endian(number, 8);
    }
    return *this;
}

Packer& Packer::real(double number) {
    uint64_t bits;
    static_assert(sizeof bits == sizeof number, "IEEE 754 doubles");
    std::memcpy(&bits, &number, sizeof bits);
    bytes_.push_back(0xCB);
    big_endian(bits, 8);
    return *this;
}

Packer& Packer::boolean(bool truth) {
    bytes_.push_back(truth ? 0xC3 : 0xC2);
    return *this;
}

void Packer::big_endian(uint64_t number, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        bytes_.push_back(static_cast<uint8_t>(number >> shift));
}

// A tag of 0 says that there is no form so short.
void Packer::sized(size_t size, uint8_t tag8, uint8_t tag16, uint8_t tag32) {
    const bool is_8 = tag8 != 0 && size <= UINT8_MAX;
    const bool is_16 = size <= UINT16_MAX;
    bytes_.push_back(is_8 ? tag8 : is_16 ? tag16 : tag32);
    big_endian(size, is_8 ? 1 : is_16 ? 2 : 4);
}

}  // namespace ditto
