// Spoilt bytes for every reader of the client. Nothing must happen but a refusal.
#include <algorithm>
#include <cstdio>
#include <random>

#include "json.hpp"
#include "message.hpp"
#include "msgpack.hpp"
#include "probe/probe.hpp"
#include "zmtp.hpp"

namespace ditto::probe {
namespace {

using Chance = std::minstd_rand;

size_t below(Chance& chance, size_t limit) { return chance() % std::max<size_t>(limit, 1); }

// A few bytes changed, taken out, doubled or put in; numbers at the edge of their width preferred.
void spoil(Bytes& bytes, Chance& chance) {
    static const uint8_t edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xC0, 0xC1, 0xC7, 0xCB,
                                    0xCF, 0xD3, 0xD9, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0xFF};
    for (size_t times = 1 + below(chance, 4); times-- > 0 && !bytes.empty();) {
        const size_t at = below(chance, bytes.size());
        const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        const auto size =
            static_cast<std::ptrdiff_t>(below(chance, std::min<size_t>(bytes.size() - at, 16)));
        switch (below(chance, 5)) {
            case 0: *place = static_cast<uint8_t>(chance()); break;
            case 1: *place = edges[below(chance, sizeof edges)]; break;
            case 2: bytes.erase(place, place + size); break;
            case 3: {
                const Bytes part(place, place + size);
                bytes.insert(place, part.begin(), part.end());
                break;
            }
            case 4: bytes.insert(place, edges[below(chance, sizeof edges)]); break;
        }
    }
}

Bytes stream_of(const std::vector<Bytes>& frames) {
    Bytes stream = zmtp_greeting();
    // As a daemon would greet: what a DEALER says of itself, in the letters of a ROUTER.
    static const uint8_t dealer[] = {'D', 'E', 'A', 'L', 'E', 'R'};
    const auto type = std::search(stream.begin(), stream.end(), dealer, dealer + sizeof dealer);
    std::copy_n("ROUTER", sizeof dealer, type);
    for (size_t i = 0; i < frames.size(); ++i)
        append_frame(stream, frames[i], i + 1 < frames.size());
    return stream;
}

// Adds the stream in parts of any size, and counts the messages in it.
size_t read_stream(const Bytes& stream, Chance& chance) {
    ZmtpReader reader;
    size_t messages = 0;
    for (size_t at = 0; at < stream.size();) {
        const size_t size = std::min(1 + below(chance, 200), stream.size() - at);
        reader.add(View(stream).part(at, size));
        at += size;
        for (auto event = reader.next(); event != ZmtpReader::Event::none; event = reader.next()) {
            if (event == ZmtpReader::Event::broken) return messages;
            Message message;
            if (event == ZmtpReader::Event::message) {
                ++messages;
                read_message(std::move(reader.frames), message);
            }
        }
    }
    return messages;
}

}  // namespace

int fuzz() {
    std::vector<std::vector<Bytes>> seeds;
    Value told;
    while (next_line(told) && told.find("inputs") == nullptr) {
        seeds.emplace_back();
        for (const Value& frame : told.list("frames"))
            seeds.back().push_back(from_hex(frame.bytes));
    }
    Chance chance(static_cast<Chance::result_type>(told.count("seed", 1)));
    size_t fine = 0, messages = 0, values = 0;
    for (int64_t i = 0; i < told.count("inputs"); ++i) {
        std::vector<Bytes> frames = seeds[below(chance, seeds.size())];
        Bytes& one = frames[below(chance, frames.size())];
        Bytes stream = stream_of(frames);
        spoil(one, chance);
        values += unpack(one) ? 1 : 0;
        values += read_json({reinterpret_cast<const char*>(one.data()), one.size()}) ? 1 : 0;
        Message message;
        fine += read_message(frames, message) == Reading::fine ? 1 : 0;
        spoil(stream, chance);
        messages += read_stream(stream, chance);
    }
    std::printf("{\"fine\": %zu, \"messages\": %zu, \"values\": %zu}\n", fine, messages, values);
    return 0;
}

}  // namespace ditto::probe
