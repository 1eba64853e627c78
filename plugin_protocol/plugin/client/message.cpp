#include "message.hpp"

#include <algorithm>
#include <map>

#include "msgpack.hpp"
#include "shapes.hpp"
#include "zmtp.hpp"

namespace ditto {
namespace {

constexpr uint8_t our_major = 1, has_chunk = 1;
constexpr size_t preamble_size = 8, no_limit = SIZE_MAX;
constexpr double longest_wait = 1e7, longest = 1e9, finite = 1e12;
constexpr int64_t largest_blob = int64_t{1} << 29, largest_seed = int64_t{1} << 53;

Shape count() { return integer(0, INT32_MAX); }
Shape offset() { return integer(0, largest_blob); }
Shape short_text() { return text(200); }
Shape digest() { return binary(32, 32); }
Shape numbers() { return list(real(-finite, finite), 0, 512); }
Shape losses() { return by_name(real(-finite, finite)); }

Shape failure() {
    return record({need("code", short_text()), need("message", text(2000)), may("hint", text(2000)),
                   may("limit", short_text()), may("retry_after_ms", count()),
                   may("trace", short_text())});
}

Shape audio() {
    return closed_record({need("sha", digest()), need("format", one_of({"f32le", "f64le"})),
                          need("sample_rate", integer(8000, 192000)),
                          need("channels", integer(1, 2)),
                          need("frames", integer(1, largest_blob))});
}

Shape take() {
    return record({need("seed", integer(0, largest_seed)), need("audio", audio()),
                   need("losses", losses()), may("first_losses", losses()),
                   may("iterations", count()), may("stopped", short_text()),
                   may("noise", digest())});
}

Shape matrix() {
    const auto is_square = [](const Value& value) {
        const auto area = static_cast<size_t>(value.count("size") * value.count("size"));
        return value.find("target")->bytes.size() == area &&
               value.find("measured")->bytes.size() == area;
    };
    return both(
        record({need("name", short_text()), may("take", count()), need("size", integer(1, 64)),
                need("seconds", list(real(-finite, finite), 2, 2)), need("target", binary(0, 4096)),
                need("measured", binary(0, 4096))}),
        is_square);
}

Shape result() {
    const Shape span = record({need("start", count()), need("end", count())});
    const Shape music =
        closed_record({may("bpm", real(20, 400)), may("beat_offset", real(-3600, 3600)),
                       may("key", short_text())});
    const Shape curve = record({need("name", short_text()), need("unit", short_text()),
                                may("take", count()), need("seconds", numbers()),
                                need("target", numbers()), need("measured", numbers())});
    return record({need("takes", list(take(), 1, 8)), need("new", list(span, 0, no_limit)),
                   may("clip_start", count()), may("music", music),
                   may("recognized", by_name(short_text())),
                   may("curves", list(curve, 0, no_limit)),
                   may("matrices", list(matrix(), 0, no_limit)), may("model_digest", short_text()),
                   may("engine_version", short_text()), may("compute_seconds", real(0, longest))});
}

Shape job_state() {
    return record({need("job", text(no_limit)),
                   need("state", one_of({"queued", "loading", "running", "done", "failed",
                                         "cancelled", "unknown"})),
                   may("ev", count()), may("attempt", count()), may("ahead", count()),
                   may("result", result()), may("failure", failure()),
                   may("eta_seconds", real(0, longest_wait)), may("cached", boolean()),
                   may("cause", short_text())});
}

Shape job_progress() {
    return record({need("job", text(no_limit)), need("phase", short_text()), may("step", count()),
                   may("steps", count()), may("take", count()), may("loss", real(-finite, finite)),
                   may("losses", losses()), may("eta_seconds", real(0, longest_wait)),
                   may("note", short_text())});
}

// What this client never asks for is known by name and not looked into.
const std::map<std::string, Shape>& shapes_by_type() {
    static const std::map<std::string, Shape> shapes = {
        {"welcome",
         record({need("epoch", count()), need("server", short_text()), need("minor", count()),
                 need("limits", by_name(count())), may("notice", short_text())})},
        {"pong", record({need("epoch", count()), need("worker", short_text()),
                         may("is_leaving", boolean())})},
        {"notice", record({need("kind", short_text()), may("text", text(2000))})},
        {"blob.ready",
         record({may("have", boolean()), may("offset", offset()), may("credit", count())})},
        {"blob.credit",
         record({need("sha", digest()), need("offset", offset()), may("done", boolean())})},
        {"blob.data", record({need("sha", digest()), need("offset", offset()),
                              may("last", boolean()), may("size", offset())})},
        {"job.state", job_state()},
        {"job.progress", job_progress()},
        {"job.preview", any()},
        {"job.details", any()},
        {"jobs", any()},
        {"model.state", any()},
        {"metrics", any()},
        {"ok", record({may("changed", boolean())})},
        {"error", record({need("failure", failure()), may("job", text(no_limit))})},
    };
    return shapes;
}

}  // namespace

Reading read_message(std::vector<Bytes> frames, Message& into) {
    if (frames.size() < 2 || frames.size() > 3) return Reading::bad;
    const Bytes& preamble = frames[0];
    static const uint8_t magic[] = {'D', 'I', 'T', 'O'};
    if (preamble.size() != preamble_size || !std::equal(magic, magic + 4, preamble.begin()))
        return Reading::bad;
    if (preamble[4] != our_major) return Reading::unsupported_version;
    const bool carries_chunk = (preamble[6] & has_chunk) != 0;
    if (carries_chunk != (frames.size() == 3) || frames[1].size() > header_bytes ||
        frames.back().size() > chunk_bytes)
        return Reading::bad;

    std::optional<Value> header = unpack(frames[1]);
    if (!header || header->type != Value::Type::map) return Reading::bad;
    const Shape tag = text(header_bytes), number = integer(0, INT64_MAX);
    const Value* type = header->find("t");
    if (type == nullptr || !tag(*type)) return Reading::unknown_type;
    const auto known = shapes_by_type().find(type->bytes);
    if (known == shapes_by_type().end()) return Reading::unknown_type;
    for (const char* name : {"i", "re"}) {
        const Value* member = header->find(name);
        if (member != nullptr && !number(*member)) return Reading::bad;
    }
    if (!known->second(*header) || carries_chunk != (known->first == "blob.data"))
        return Reading::bad;

    into.type = known->first;
    into.re = header->count("re");
    into.header = std::move(*header);
    into.chunk = carries_chunk ? std::move(frames[2]) : Bytes();
    return Reading::fine;
}

}  // namespace ditto
