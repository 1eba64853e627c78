#include "wav.hpp"

#include <cstdio>
#include <cstring>
#include <fstream>

namespace ditto {
namespace {

constexpr uint16_t ieee_float = 3;
constexpr uint32_t format_bytes = 16;

template <typename Number>
void put(std::string& bytes, Number number) {
    for (size_t i = 0; i < sizeof number; ++i)
        bytes += static_cast<char>((number >> (8 * i)) & 0xff);
}

template <typename Number>
Number take(const char* bytes) {
    Number number = 0;
    for (size_t i = 0; i < sizeof number; ++i)
        number |= static_cast<Number>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    return number;
}

std::string header(const Audio& audio) {
    const auto size = static_cast<uint32_t>(audio.samples.size() * sizeof(float));
    const auto block = static_cast<uint16_t>(audio.channels * sizeof(float));
    std::string bytes = "RIFF";
    put(bytes, 4 + 8 + format_bytes + 8 + size);
    bytes += "WAVEfmt ";
    put(bytes, format_bytes);
    put(bytes, ieee_float);
    put(bytes, static_cast<uint16_t>(audio.channels));
    put(bytes, audio.sample_rate);
    put(bytes, audio.sample_rate * block);
    put(bytes, block);
    put(bytes, uint16_t{32});
    bytes += "data";
    put(bytes, size);
    return bytes;
}

}  // namespace

bool write_wav(const std::string& path, const Audio& audio) {
    const std::string draft = path + ".part";
    std::string bytes = header(audio);
    const size_t frames = audio.frames();
    bytes.reserve(bytes.size() + audio.samples.size() * sizeof(float));
    for (size_t i = 0; i < frames; ++i) {
        for (size_t channel = 0; channel < audio.channels; ++channel) {
            uint32_t sample;
            std::memcpy(&sample, audio.channel(channel) + i, sizeof sample);
            put(bytes, sample);
        }
    }
    std::ofstream file(draft, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (file && std::rename(draft.c_str(), path.c_str()) == 0) return true;
    std::remove(draft.c_str());
    return false;
}

std::optional<Audio> read_wav(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
    constexpr size_t head = 44;
    if (size < static_cast<std::streamoff>(head)) return std::nullopt;
    std::string bytes(static_cast<size_t>(size), '\0');
    file.seekg(0);
    if (!file.read(bytes.data(), size)) return std::nullopt;
    Audio audio;
    audio.channels = take<uint16_t>(bytes.data() + 22);
    audio.sample_rate = take<uint32_t>(bytes.data() + 24);
    if (audio.channels < 1 || audio.channels > 2) return std::nullopt;
    audio.samples.resize((bytes.size() - head) / sizeof(float));
    // Where the head is not the one that is written here, somebody else has changed the file.
    if (bytes.compare(0, head, header(audio)) != 0) return std::nullopt;
    const size_t frames = audio.frames();
    for (size_t i = 0; i < audio.samples.size(); ++i) {
        const auto sample = take<uint32_t>(bytes.data() + head + i * sizeof(float));
        std::memcpy(audio.channel(i % audio.channels) + i / audio.channels, &sample, sizeof sample);
    }
    if (frames == 0) return std::nullopt;
    return audio;
}

}  // namespace ditto
