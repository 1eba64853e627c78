// A blob on its way from the daemon, as audio: asked for in time, hashed as it comes.
#pragma once

#include <deque>
#include <optional>

#include "audio.hpp"
#include "bytes.hpp"
#include "link.hpp"
#include "message.hpp"
#include "sha256.hpp"

namespace ditto {

// What a *Take* says of its audio; one that was checked with the message it came in.
struct AudioRef {
    explicit AudioRef(const Value& said);
    size_t bytes() const { return frames * channels * (is_double ? 8 : 4); }

    Digest sha = {};
    bool is_double = false;  // f64le, else f32le
    uint32_t sample_rate = 0, channels = 0;
    size_t frames = 0;
};

class Download {
  public:
    explicit Download(const AudioRef& audio) : audio_(audio) {}

    void interrupt();  // the connection is lost, or a request was refused: ask again
    void ask_for_more(Link& link);
    bool hear(const Message& message);  // false where it is about this blob and cannot be true
    bool owns(int64_t request) const;

    size_t size() const { return bytes_.size(); }
    bool is_done() const { return bytes_.size() == audio_.bytes(); }

    // The audio, once it is done; none if it is another than was asked for. Its bytes are let go.
    std::optional<Audio> take();

  private:
    AudioRef audio_;
    Bytes bytes_;
    Sha256 hash_;
    size_t asked_ = 0;              // for all before this byte
    std::deque<int64_t> requests_;  // numbers of those that may still be refused
};

}  // namespace ditto
