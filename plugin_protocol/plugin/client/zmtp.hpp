// ZMTP 3.1 with the mechanism NULL, as a DEALER: what lies below the protocol on a Unix socket.
//
// Source: ZeroMQ RFC 37; PROTOCOL.md, section 1.3, says what of it is needed.
#pragma once

#include <string>
#include <vector>

#include "bytes.hpp"

namespace ditto {

constexpr size_t chunk_bytes = 256 * 1024, header_bytes = 64 * 1024;
constexpr size_t largest_frame = chunk_bytes + header_bytes + 1024;

// What a side sends at once: its greeting and READY.
Bytes zmtp_greeting();

// Appends one frame; `more` follow in the same message.
void append_frame(Bytes& to, View body, bool more);

// Appends the answer to a PING of that context.
void append_pong(Bytes& to, View context);

// Bytes in, events out. Holds no more than a message and what was added at once.
class ZmtpReader {
  public:
    enum class Event {
        none,     // more bytes are needed
        ready,    // the peer has said READY: messages may be sent from now on
        ping,     // to be answered with a PONG of `context`
        message,  // `frames`
        broken,   // no more can be read; `reason`
    };

    void add(View bytes);
    Event next();

    std::vector<Bytes> frames;
    Bytes context;
    std::string reason;

  private:
    Event greeting();
    Event command(View body);
    Event ready(View properties);
    Event part_of_message(View body, bool more);
    Event broken(std::string why);
    View rest() const { return View(bytes_.data() + read_, bytes_.size() - read_); }

    enum class Expected { greeting, ready, messages, nothing } expected_ = Expected::greeting;
    Bytes bytes_;
    size_t read_ = 0;  // of bytes_
    std::vector<Bytes> unfinished_;
};

}  // namespace ditto
