#include "sha256.hpp"

#include <algorithm>
#include <cstring>

namespace ditto {
namespace {

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr uint32_t k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

uint32_t rotate(uint32_t word, int bits) { return word >> bits | word << (32 - bits); }

}  // namespace

void Sha256::add(View bytes) {
    const auto filled = static_cast<size_t>(size_ % 64);
    size_ += bytes.size;
    size_t at = 0;
    if (filled > 0) {
        at = std::min(bytes.size, 64 - filled);
        std::copy_n(bytes.data, at, block_.data() + filled);
        if (filled + at < 64) return;
        compress(block_.data());
    }
    for (; at + 64 <= bytes.size; at += 64) compress(bytes.data + at);
    std::copy_n(bytes.data + at, bytes.size - at, block_.data());
}

Digest Sha256::digest() const {
    Sha256 end = *this;
    const auto filled = static_cast<size_t>(size_ % 64);
    uint8_t padding[72] = {0x80};
    const size_t zeros = (filled < 56 ? 56 : 120) - filled;
    for (size_t i = 0; i < 8; ++i)
        padding[zeros + i] = static_cast<uint8_t>(8 * size_ >> (56 - 8 * i));
    end.add(View(padding, zeros + 8));
    Digest digest;
    for (size_t i = 0; i < 32; ++i)
        digest[i] = static_cast<uint8_t>(end.hash_[i / 4] >> (24 - 8 * (i % 4)));
    return digest;
}

void Sha256::compress(const uint8_t* block) {
    uint32_t w[64];
    for (size_t t = 0; t < 16; ++t) {
        const uint8_t* word = block + 4 * t;
        w[t] = uint32_t{word[0]} << 24 | uint32_t{word[1]} << 16 | uint32_t{word[2]} << 8 | word[3];
    }
    for (size_t t = 16; t < 64; ++t) {
        const uint32_t s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3;
        const uint32_t s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = s1 + w[t - 7] + s0 + w[t - 16];
    }
    auto [a, b, c, d, e, f, g, h] = hash_;
    for (size_t t = 0; t < 64; ++t) {
        const uint32_t sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
        const uint32_t t1 = h + sum1 + ((e & f) ^ (~e & g)) + k[t] + w[t];
        const uint32_t sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
        const uint32_t t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const uint32_t added[8] = {a, b, c, d, e, f, g, h};
    for (size_t i = 0; i < 8; ++i) hash_[i] += added[i];
}

}  // namespace ditto
