// Bytes, owned and seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ditto {

using Bytes = std::vector<uint8_t>;

struct View {
    const uint8_t* data = nullptr;
    size_t size = 0;

    View() = default;
    View(const void* from, size_t bytes) : data(static_cast<const uint8_t*>(from)), size(bytes) {}
    View(const Bytes& bytes) : data(bytes.data()), size(bytes.size()) {}
    View part(size_t from, size_t length) const { return View(data + from, length); }
};

inline void append(Bytes& to, View bytes) {
    if (bytes.size > 0) to.insert(to.end(), bytes.data, bytes.data + bytes.size);
}

}  // namespace ditto
