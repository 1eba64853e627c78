// MessagePack, as far as the protocol uses it (PROTOCOL.md, section 2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bytes.hpp"
#include "value.hpp"

namespace ditto {

// Writes values one after the other; whoever writes a map or a list says how many follow.
class Packer {
  public:
    Packer& map(size_t pairs);
    Packer& list(size_t items);
    Packer& text(std::string_view characters);
    Packer& binary(View bytes);
    Packer& integer(uint64_t number);
    Packer& real(double number);
    Packer& boolean(bool truth);

    const Bytes& bytes() const { return bytes_; }

  private:
    void big_endian(uint64_t number, int bytes);
    void sized(size_t size, uint8_t tag8, uint8_t tag16, uint8_t tag32);

    Bytes bytes_;
};

// The one value in the bytes. None where they are not MessagePack within the profile's limits.
std::optional<Value> unpack(View bytes);

}  // namespace ditto
