#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "json.hpp"
#include "probe/probe.hpp"

namespace ditto::probe {
namespace {

std::vector<float> samples_in(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string raw{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    std::vector<float> samples(raw.size() / sizeof(float));
    std::copy(raw.begin(),
              raw.begin() + static_cast<std::ptrdiff_t>(samples.size() * sizeof(float)),
              reinterpret_cast<char*>(samples.data()));
    return samples;
}

Kind kind_named(const std::string& name) {
    if (name == "outpaint_after") return Kind::outpaint_after;
    if (name == "outpaint_before") return Kind::outpaint_before;
    if (name == "loop") return Kind::loop;
    if (name == "vary") return Kind::vary;
    return name == "generate" ? Kind::generate : Kind::inpaint;
}

double number_in(const Value& value) {
    return value.type == Value::Type::integer ? static_cast<double>(value.integer) : value.real;
}

}  // namespace

bool next_line(Value& into) {
    std::string line;
    if (!std::getline(std::cin, line)) return false;
    const auto value = read_json(line);
    if (!value) {
        std::fprintf(stderr, "no JSON: %s\n", line.c_str());
        std::exit(2);
    }
    into = *value;
    return true;
}

Bytes from_hex(const std::string& digits) {
    Bytes bytes;
    for (size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes.push_back(static_cast<uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    return bytes;
}

std::string to_hex(View bytes) {
    static const char digits[] = "0123456789abcdef";
    std::string text;
    for (size_t i = 0; i < bytes.size; ++i) {
        text += digits[bytes.data[i] >> 4];
        text += digits[bytes.data[i] & 0x0F];
    }
    return text;
}

Request request_of(const Value& told) {
    Request request;
    request.job = told.text("job");
    request.kind = kind_named(told.text("kind"));
    request.seconds = told.number("seconds", request.seconds);
    request.strength = told.number("strength", request.strength);
    request.prompt = told.text("prompt");
    if (told.find("model") != nullptr) request.model = told.text("model");
    if (told.find("quality") != nullptr) request.quality = told.text("quality");
    request.seed = static_cast<uint64_t>(told.count("seed"));
    request.takes = static_cast<unsigned>(told.count("takes", request.takes));
    request.has_tempo = told.find("bpm") != nullptr;
    request.bpm = told.number("bpm", 0);
    request.beat_offset = told.number("beat_offset", 0);
    request.intensity_is_shape = told.flag("intensity_is_shape");
    for (const Value& region : told.list("regions"))
        request.regions.push_back({number_in(region.items.at(0)), number_in(region.items.at(1))});
    for (const Value& point : told.list("intensity"))
        request.intensity.push_back({number_in(point.items.at(0)), number_in(point.items.at(1))});
    if (const Value* clip = told.find("clip")) {
        request.clip.sample_rate = static_cast<uint32_t>(clip->count("sample_rate"));
        request.clip.channels = static_cast<uint32_t>(clip->count("channels"));
        const auto size = static_cast<size_t>(clip->count("frames") * clip->count("channels"));
        request.clip.samples =
            clip->find("file") ? samples_in(clip->text("file")) : std::vector<float>(size);
    }
    return request;
}

}  // namespace ditto::probe
