// The parts of the client that turn bytes into something else, one at a time.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "ask.hpp"
#include "connection_file.hpp"
#include "json.hpp"
#include "message.hpp"
#include "msgpack.hpp"
#include "probe/probe.hpp"
#include "session.hpp"
#include "sha256.hpp"

namespace ditto::probe {
namespace {

Digest digest_of(const Value& told) {
    const Bytes bytes = from_hex(told.text("sha"));
    Digest sha = {};
    std::copy_n(bytes.begin(), std::min(bytes.size(), sha.size()), sha.begin());
    return sha;
}

Bytes header_of(const Value& told) {
    const std::string type = told.text("ask"), job = told.text("job");
    const int64_t i = told.count("i");
    const Digest sha = digest_of(told);
    const auto offset = static_cast<uint64_t>(told.count("offset"));
    if (type == "hello") {
        std::vector<std::string> resume;
        for (const Value& each : told.list("resume")) resume.push_back(each.bytes);
        return ask::hello(i, told.text("client"), resume);
    }
    if (type == "ping") return ask::ping(i);
    if (type == "bye") return ask::bye(i);
    if (type == "blob.put") return ask::blob_put(i, sha, static_cast<uint64_t>(told.count("size")));
    if (type == "blob.data") return ask::blob_data(i, sha, offset, told.flag("last"));
    if (type == "blob.get")
        return ask::blob_get(i, sha, offset, static_cast<unsigned>(told.count("credit")));
    if (type == "job.submit") return ask::job_submit(i, request_of(told), sha);
    if (type == "job.attach") return ask::job_attach(i, job);
    if (type == "job.cancel") return ask::job_cancel(i, job, told.flag("keeps_best"));
    if (type == "job.ack") return ask::job_ack(i, job);
    std::fprintf(stderr, "nobody asks %s\n", type.c_str());
    std::exit(2);
}

std::string json_of(const Value& value);

std::string json_of_items(const Value& value) {
    const bool is_map = value.type == Value::Type::map;
    std::string text;
    for (size_t i = 0; i < value.items.size(); ++i) {
        text += i == 0 ? "" : ", ";
        if (is_map) text += json_text(value.names[i]) + ": ";
        text += json_of(value.items[i]);
    }
    return (is_map ? "{" : "[") + text + (is_map ? "}" : "]");
}

std::string json_of(const Value& value) {
    char digits[32];
    switch (value.type) {
        case Value::Type::nil: return "null";
        case Value::Type::boolean: return value.boolean ? "true" : "false";
        case Value::Type::integer: return std::to_string(value.integer);
        case Value::Type::real:
            std::snprintf(digits, sizeof digits, "%.17g", value.real);
            return std::isfinite(value.real) ? digits : json_text(digits);
        case Value::Type::text: return json_text(value.bytes);
        case Value::Type::binary:
            return "{\"hex\": " + json_text(to_hex(View(value.bytes.data(), value.bytes.size()))) +
                   "}";
        case Value::Type::list:
        case Value::Type::map: return json_of_items(value);
        case Value::Type::other: return "\"beyond\"";
    }
    return "";
}

}  // namespace

int write_headers() {
    Value told;
    while (next_line(told)) {
        const Bytes first = ask::preamble(told.text("ask") == "blob.data");
        std::printf("{\"frames\": [\"%s\", \"%s\"]}\n", to_hex(first).c_str(),
                    to_hex(header_of(told)).c_str());
    }
    return 0;
}

int read_frames() {
    static const char* const words[] = {"fine", "unknown_type", "unsupported_version", "bad"};
    Value told;
    while (next_line(told)) {
        std::vector<Bytes> frames;
        for (const Value& frame : told.list("frames")) frames.push_back(from_hex(frame.bytes));
        Message message;
        const Reading reading = read_message(std::move(frames), message);
        std::printf(
            "{\"reading\": \"%s\", \"type\": %s, \"re\": %lld, \"chunk\": %zu, \"says\": %s}\n",
            words[static_cast<int>(reading)], json_text(message.type).c_str(),
            static_cast<long long>(message.re), message.chunk.size(),
            json_of(message.header).c_str());
    }
    return 0;
}

int read_values() {
    Value told;
    while (next_line(told)) {
        const auto value = unpack(from_hex(told.text("msgpack")));
        std::printf("%s\n", value ? ("{\"value\": " + json_of(*value) + "}").c_str() : "{}");
    }
    return 0;
}

int name_blobs() {
    Value told;
    while (next_line(told)) {
        const Bytes bytes = from_hex(told.text("bytes"));
        Sha256 hash;
        size_t at = 0;
        for (const Value& part : told.list("parts")) {
            const auto size = static_cast<size_t>(part.integer);
            hash.add(View(bytes).part(at, size));
            at += size;
        }
        const Digest sha = hash.digest();
        std::printf("{\"sha\": \"%s\"}\n", to_hex(View(sha.data(), sha.size())).c_str());
    }
    return 0;
}

int find_daemons() {
    Value told;
    while (next_line(told)) {
        for (const char* name : {"DITTO_CONNECTION", "DITTO_HOME", "XDG_STATE_HOME", "HOME"}) {
            if (const Value* value = told.find(name)) {
                setenv(name, value->bytes.c_str(), 1);
            } else {
                unsetenv(name);
            }
        }
        const Whereabouts found = find_daemon();
        std::printf("{\"socket\": %s, \"has_file\": %s, \"sentence\": %s}\n",
                    json_text(found.socket_path).c_str(), found.has_file ? "true" : "false",
                    json_text(found.sentence).c_str());
    }
    return 0;
}

int make_ids() {
    Value told;
    while (next_line(told)) {
        for (int64_t i = 0; i < told.count("ids"); ++i)
            std::printf("%s\n", json_text(new_job_id()).c_str());
    }
    return 0;
}

}  // namespace ditto::probe
