#include "download.hpp"

#include <algorithm>
#include <cstring>

#include "ask.hpp"

namespace ditto {
namespace {

constexpr size_t window = 16 * chunk_bytes;
constexpr size_t requests_kept = 8;  // those under way are three at the most

template <typename Sample>
std::vector<float> samples_of(const Bytes& bytes) {
    std::vector<float> samples(bytes.size() / sizeof(Sample));
    for (size_t i = 0; i < samples.size(); ++i) {
        Sample sample;
        std::memcpy(&sample, bytes.data() + i * sizeof sample, sizeof sample);
        samples[i] = static_cast<float>(sample);
    }
    return samples;
}

}  // namespace

AudioRef::AudioRef(const Value& said)
    : is_double(said.text("format") == "f64le"),
      sample_rate(static_cast<uint32_t>(said.count("sample_rate"))),
      channels(static_cast<uint32_t>(said.count("channels"))),
      frames(static_cast<size_t>(said.count("frames"))) {
    const std::string name = said.text("sha");
    std::memcpy(sha.data(), name.data(), std::min(name.size(), sha.size()));
}

void Download::interrupt() {
    asked_ = bytes_.size();
    requests_.clear();
}

void Download::ask_for_more(Link& link) {
    // Half a window is always under way; never more than the whole.
    while (asked_ < audio_.bytes() && asked_ <= bytes_.size() + window / 2) {
        const size_t wanted = asked_ == bytes_.size() ? window : window / 2;
        const size_t size = std::min(wanted, audio_.bytes() - asked_);
        const auto chunks = static_cast<unsigned>((size + chunk_bytes - 1) / chunk_bytes);
        requests_.push_back(link.next_number());
        if (requests_.size() > requests_kept) requests_.pop_front();
        link.send(ask::blob_get(requests_.back(), audio_.sha, asked_, chunks));
        asked_ += size;
    }
}

bool Download::hear(const Message& message) {
    const Value& header = message.header;
    const std::string sha = header.text("sha");
    if (message.type != "blob.data" ||
        std::memcmp(sha.data(), audio_.sha.data(), sha.size()) != 0 ||
        static_cast<size_t>(header.count("offset")) != bytes_.size() || is_done())
        return true;  // left over from an interrupted download, or about another
    const size_t missing = audio_.bytes() - bytes_.size();
    if (message.chunk.size() != std::min(chunk_bytes, missing)) return false;
    bytes_.reserve(audio_.bytes());  // growing would copy long music several times
    hash_.add(message.chunk);
    append(bytes_, message.chunk);
    return true;
}

bool Download::owns(int64_t request) const {
    return std::find(requests_.begin(), requests_.end(), request) != requests_.end();
}

std::optional<Audio> Download::take() {
    const bool is_right = hash_.digest() == audio_.sha;
    Audio audio;
    audio.sample_rate = audio_.sample_rate;
    audio.channels = audio_.channels;
    if (is_right)
        audio.samples = audio_.is_double ? samples_of<double>(bytes_) : samples_of<float>(bytes_);
    *this = Download(audio_);
    return is_right ? std::optional<Audio>(std::move(audio)) : std::nullopt;
}

}  // namespace ditto
