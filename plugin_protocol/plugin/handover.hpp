// Gives an audio thread something new to read without either thread ever waiting.
//
// A hazard pointer (Michael 2004): the audio thread says what it reads, and what it reads is not
// freed.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>
#include <vector>

namespace ditto {

template <typename Thing>
class Handover {
  public:
    // Put another thing, or nothing, in the place of the last. [one thread but the audio thread]
    void offer(std::unique_ptr<const Thing> thing) {
        offered_.store(thing.get());
        retired_.push_back(std::exchange(current_, std::move(thing)));
        sweep();
    }

    // Free what is out of use. [the thread that offers]
    void sweep() {
        const Thing* held = held_.load();
        auto is_free = [held](const auto& thing) { return thing.get() != held; };
        retired_.erase(std::remove_if(retired_.begin(), retired_.end(), is_free), retired_.end());
    }

    // Return what is offered, or null, and keep it until it is released. [audio thread]
    const Thing* hold() noexcept {
        for (int attempt = 0; attempt < 3; ++attempt) {
            const Thing* thing = offered_.load();
            held_.store(thing);
            if (thing == offered_.load()) return thing;
        }
        // Three offers within a microsecond: one block without any.
        held_.store(nullptr);
        return nullptr;
    }

    void release() noexcept { held_.store(nullptr); }

  private:
    std::atomic<const Thing*> offered_{nullptr}, held_{nullptr};
    std::unique_ptr<const Thing> current_;
    std::vector<std::unique_ptr<const Thing>> retired_;
};

}  // namespace ditto
