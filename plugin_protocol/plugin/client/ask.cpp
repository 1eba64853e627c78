#include "ask.hpp"

#include "msgpack.hpp"

namespace ditto::ask {
namespace {

constexpr unsigned our_minor = 2;

// A map that begins with the type and the number, for so many further fields.
Packer header(const char* type, int64_t i, size_t fields) {
    Packer packer;
    packer.map(2 + fields).text("t").text(type).text("i").integer(static_cast<uint64_t>(i));
    return packer;
}

View view(const Digest& sha) { return View(sha.data(), sha.size()); }

void pack_kind(Packer& to, const Request& request) {
    const auto name = [&](const char* kind, size_t fields) -> Packer& {
        return to.map(1 + fields).text("kind").text(kind);
    };
    switch (request.kind) {
        case Kind::inpaint:
            name("inpaint", 1).text("regions").list(request.regions.size());
            for (const Region& region : request.regions)
                to.map(2).text("start").real(region.start).text("end").real(region.end);
            break;
        case Kind::outpaint_after: name("outpaint", 1).text("seconds").real(request.seconds); break;
        case Kind::outpaint_before:
            name("outpaint", 2).text("seconds").real(request.seconds);
            to.text("side").text("before");
            break;
        case Kind::loop: name("loop", 1).text("seconds").real(request.seconds); break;
        case Kind::vary: name("vary", 1).text("strength").real(request.strength); break;
        case Kind::generate: name("generate", 1).text("seconds").real(request.seconds); break;
    }
}

void pack_intensity(Packer& to, const Request& request) {
    to.map(request.intensity_is_shape ? 3 : 2).text("kind").text("intensity");
    to.text("points").list(request.intensity.size());
    for (const Point& point : request.intensity)
        to.list(2).real(point.seconds).real(point.decibels);
    if (request.intensity_is_shape) to.text("match").text("shape");
}

void pack_clip(Packer& to, const Audio& clip, const Digest& sha) {
    to.map(5).text("sha").binary(view(sha)).text("format").text("f32le");
    to.text("sample_rate").integer(clip.sample_rate).text("channels").integer(clip.channels);
    to.text("frames").integer(clip.frames());
}

void pack_task(Packer& to, const Request& request, const Digest& sha) {
    const bool has_clip = request.kind != Kind::generate;
    to.map(6u + has_clip + request.has_tempo).text("objectives");
    to.list(request.intensity.empty() ? 1 : 2);
    pack_kind(to, request);
    if (!request.intensity.empty()) pack_intensity(to, request);
    if (has_clip) {
        to.text("clip");
        pack_clip(to, request.clip, sha);
    }
    to.text("model").text(request.model).text("prompt").text(request.prompt);
    to.text("seed").integer(request.seed).text("takes").integer(request.takes);
    to.text("quality").text(request.quality);
    if (request.has_tempo) {
        to.text("music").map(2).text("bpm").real(request.bpm);
        to.text("beat_offset").real(request.beat_offset);
    }
}

}  // namespace

Bytes hello(int64_t i, const std::string& client, const std::vector<std::string>& resume) {
    Packer packer = header("hello", i, 4);
    // A job's priority and retention, which are always said, are not known before that minor.
    packer.text("client").text(client).text("min_minor").integer(our_minor);
    packer.text("max_minor").integer(our_minor);
    packer.text("resume").list(resume.size());
    for (const std::string& job : resume) packer.text(job);
    return packer.bytes();
}

Bytes ping(int64_t i) { return header("ping", i, 0).bytes(); }

Bytes bye(int64_t i) { return header("bye", i, 0).bytes(); }

Bytes blob_put(int64_t i, const Digest& sha, uint64_t size) {
    return header("blob.put", i, 2)
        .text("sha")
        .binary(view(sha))
        .text("size")
        .integer(size)
        .bytes();
}

Bytes blob_data(int64_t i, const Digest& sha, uint64_t offset, bool last) {
    Packer packer = header("blob.data", i, 3);
    packer.text("sha").binary(view(sha)).text("offset").integer(offset);
    return packer.text("last").boolean(last).bytes();
}

Bytes blob_get(int64_t i, const Digest& sha, uint64_t offset, unsigned credit) {
    Packer packer = header("blob.get", i, 3);
    packer.text("sha").binary(view(sha)).text("offset").integer(offset);
    return packer.text("credit").integer(credit).bytes();
}

Bytes job_submit(int64_t i, const Request& request, const Digest& sha) {
    Packer packer = header("job.submit", i, 4);
    packer.text("job").text(request.job).text("task");
    pack_task(packer, request, sha);
    // Somebody sits before the plugin; and a project that is opened again wants its music back.
    return packer.text("priority").text("interactive").text("retention").text("7d").bytes();
}

Bytes job_attach(int64_t i, const std::string& job) {
    return header("job.attach", i, 1).text("job").text(job).bytes();
}

Bytes job_cancel(int64_t i, const std::string& job, bool keeps_best) {
    Packer packer = header("job.cancel", i, 2);
    packer.text("job").text(job).text("mode").text(keeps_best ? "finish" : "stop");
    return packer.bytes();
}

Bytes job_ack(int64_t i, const std::string& job) {
    return header("job.ack", i, 1).text("job").text(job).bytes();
}

Bytes preamble(bool carries_chunk) {
    return {'D', 'I', 'T', 'O', 1, our_minor, static_cast<uint8_t>(carries_chunk), 0};
}

}  // namespace ditto::ask
