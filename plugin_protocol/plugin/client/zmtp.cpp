#include "zmtp.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace ditto {
namespace {

constexpr size_t greeting_size = 64, mechanism_at = 12, mechanism_size = 20, most_frames = 3;
constexpr uint8_t more_flag = 1, long_flag = 2, command_flag = 4;

uint64_t big_endian(View bytes) {
    uint64_t number = 0;
    for (size_t i = 0; i < bytes.size; ++i) number = number << 8 | bytes.data[i];
    return number;
}

std::string_view letters(View bytes) {
    return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

// The first thing of a u8 length in `rest`, which is left behind it. False where it is cut off.
bool take_short(View& rest, View& into) {
    if (rest.size < 1 || rest.size - 1 < rest.data[0]) return false;
    into = rest.part(1, rest.data[0]);
    rest = rest.part(1 + into.size, rest.size - 1 - into.size);
    return true;
}

void append_command(Bytes& to, View body) {
    to.push_back(command_flag);
    to.push_back(static_cast<uint8_t>(body.size));
    append(to, body);
}

}  // namespace

Bytes zmtp_greeting() {
    Bytes bytes(greeting_size);
    bytes[0] = 0xFF;
    bytes[9] = 0x7F;
    bytes[10] = 3;
    bytes[11] = 1;
    std::memcpy(&bytes[mechanism_at], "NULL", 4);
    static const char ready[] = "\5READY\x0bSocket-Type\0\0\0\6DEALER\x08Identity\0\0\0";
    append_command(bytes, View(ready, sizeof ready));  // the last zero is the string's own
    return bytes;
}

void append_frame(Bytes& to, View body, bool more) {
    const bool is_long = body.size > UINT8_MAX;
    to.push_back(static_cast<uint8_t>((more ? more_flag : 0) | (is_long ? long_flag : 0)));
    for (int shift = is_long ? 56 : 0; shift >= 0; shift -= 8)
        to.push_back(static_cast<uint8_t>(uint64_t{body.size} >> shift));
    append(to, body);
}

void append_pong(Bytes& to, View context) {
    static const char name[] = {4, 'P', 'O', 'N', 'G'};
    Bytes body;
    append(body, View(name, sizeof name));
    append(body, context);
    append_command(to, body);
}

void ZmtpReader::add(View bytes) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(read_));
    read_ = 0;
    append(bytes_, bytes);
}

ZmtpReader::Event ZmtpReader::next() {
    if (expected_ == Expected::greeting) {
        const Event event = greeting();
        if (event != Event::none || expected_ == Expected::greeting) return event;
    }
    while (expected_ != Expected::nothing && rest().size >= 2) {
        const uint8_t flags = rest().data[0];
        const bool is_command = (flags & command_flag) != 0, more = (flags & more_flag) != 0;
        if (flags > (more_flag | long_flag | command_flag) || (is_command && more))
            return broken("a frame with flags that there are not");
        const size_t length_size = (flags & long_flag) != 0 ? 8 : 1;
        if (rest().size < 1 + length_size) return Event::none;
        const uint64_t size = big_endian(rest().part(1, length_size));
        if (size > largest_frame) return broken("a frame beyond the limit");
        if (rest().size - 1 - length_size < size) return Event::none;
        const View body = rest().part(1 + length_size, static_cast<size_t>(size));
        read_ += 1 + length_size + body.size;
        const Event event = is_command ? command(body) : part_of_message(body, more);
        if (event != Event::none) return event;
    }
    return Event::none;
}

ZmtpReader::Event ZmtpReader::greeting() {
    // Refused as soon as it is wrong: a peer of another kind may never send 64 bytes.
    const View here = rest();
    static const uint8_t null[mechanism_size] = {'N', 'U', 'L', 'L'};
    const auto may_be = [&](size_t at, uint8_t least, uint8_t most) {
        return here.size <= at || (here.data[at] >= least && here.data[at] <= most);
    };
    if (!may_be(0, 0xFF, 0xFF) || !may_be(9, 0x7F, 0x7F) || !may_be(10, 3, 0xFF))
        return broken("no greeting of ZMTP 3");
    if (here.size < greeting_size) return Event::none;
    if (!std::equal(null, null + mechanism_size, here.data + mechanism_at))
        return broken("another mechanism than NULL");
    read_ += greeting_size;
    expected_ = Expected::ready;
    return Event::none;
}

ZmtpReader::Event ZmtpReader::command(View body) {
    View name, rest = body;
    if (!take_short(rest, name)) return broken("a command that is cut off");
    if (letters(name) == "ERROR") {
        View why;
        take_short(rest, why);
        return broken("the peer hangs up: " + std::string(letters(why)));
    }
    if (expected_ == Expected::ready)
        return letters(name) == "READY" ? ready(rest) : broken("a command before READY");
    if (letters(name) != "PING") return Event::none;
    if (rest.size < 2 || rest.size > 2 + 16) return broken("a PING of the wrong size");
    context.assign(rest.data + 2, rest.data + rest.size);
    return Event::ping;
}

ZmtpReader::Event ZmtpReader::ready(View properties) {
    while (properties.size > 0) {
        View name;
        if (!take_short(properties, name) || properties.size < 4) return broken("READY is cut off");
        const uint64_t size = big_endian(properties.part(0, 4));
        if (size > properties.size - 4) return broken("READY is cut off");
        const View value = properties.part(4, static_cast<size_t>(size));
        properties = properties.part(4 + value.size, properties.size - 4 - value.size);
        if (letters(name) == "Socket-Type" && letters(value) != "ROUTER")
            return broken("the peer is no ROUTER");
    }
    expected_ = Expected::messages;
    return Event::ready;
}

ZmtpReader::Event ZmtpReader::part_of_message(View body, bool more) {
    if (expected_ != Expected::messages) return broken("a message before READY");
    // Here, not by whoever reads the message: one that never ends must not be kept.
    if (unfinished_.size() == most_frames) return broken("a message of too many frames");
    unfinished_.emplace_back(body.data, body.data + body.size);
    if (more) return Event::none;
    frames = std::move(unfinished_);
    unfinished_.clear();
    return Event::message;
}

ZmtpReader::Event ZmtpReader::broken(std::string why) {
    expected_ = Expected::nothing;
    bytes_.clear();
    read_ = 0;
    reason = std::move(why);
    return Event::broken;
}

}  // namespace ditto
