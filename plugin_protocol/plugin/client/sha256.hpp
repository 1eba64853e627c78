// SHA-256, the name of a blob. Source: FIPS 180-4.
#pragma once

#include <array>
#include <cstdint>

#include "bytes.hpp"

namespace ditto {

using Digest = std::array<uint8_t, 32>;

class Sha256 {
  public:
    void add(View bytes);
    Digest digest() const;  // of all that was added so far

  private:
    void compress(const uint8_t* block);

    std::array<uint32_t, 8> hash_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<uint8_t, 64> block_ = {};
    uint64_t size_ = 0;  // bytes so far; the last size_ % 64 of them wait in block_
};

}  // namespace ditto
