// A value that one thread writes without ever waiting, and others read whole.
//
// A sequence lock (Boehm 2012, "Can seqlocks get along with programming language memory models?")
// whose words are atomics with release and acquire, so that it needs no fences.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ditto {

template <typename Value>
class Published {
    static_assert(std::is_trivially_copyable_v<Value>);
    static constexpr size_t size = (sizeof(Value) + 7) / 8;
    using Words = std::array<uint64_t, size>;

  public:
    // The one writing thread.
    void publish(const Value& value) noexcept {
        Words words{};
        std::memcpy(words.data(), &value, sizeof value);
        const uint64_t version = version_.load(std::memory_order_relaxed);
        version_.store(version + 1, std::memory_order_relaxed);
        for (size_t i = 0; i < size; ++i) words_[i].store(words[i], std::memory_order_release);
        version_.store(version + 2, std::memory_order_release);
    }

    // Any thread but an audio thread: it may have to look again.
    Value read() const noexcept {
        for (;;) {
            const uint64_t version = version_.load(std::memory_order_acquire);
            Words words;
            for (size_t i = 0; i < size; ++i) words[i] = words_[i].load(std::memory_order_acquire);
            if (version % 2 == 0 && version == version_.load(std::memory_order_relaxed)) {
                Value value;
                std::memcpy(static_cast<void*>(&value), words.data(), sizeof value);
                return value;
            }
        }
    }

  private:
    std::atomic<uint64_t> version_{0};
    std::array<std::atomic<uint64_t>, size> words_{};
};

}  // namespace ditto
