#include "shelf.hpp"

#include <filesystem>
#include <fstream>
#include <locale>

#include "wav.hpp"

namespace ditto {
namespace {

constexpr size_t most_takes = 8;

std::string take_path(const std::string& folder, size_t number) {
    return folder + "/result" + (number == 0 ? "" : "-" + std::to_string(number + 1)) + ".wav";
}

}  // namespace

void keep(const std::string& shelf, const Finished& music) {
    if (shelf.empty() || music.takes.empty()) return;
    const std::string folder = shelf + "/" + music.job, place = folder + "/place";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return;
    for (size_t i = 0; i < music.takes.size(); ++i)
        if (!write_wav(take_path(folder, i), music.takes[i])) return;
    {
        std::ofstream file(place + ".part");
        file.imbue(std::locale::classic());
        file << music.clip_start;
        for (const Span& span : music.new_spans) file << ' ' << span.start << ' ' << span.end;
        file << '\n';
        if (!file.flush()) return;
    }
    std::filesystem::rename(place + ".part", place, error);
}

std::optional<Finished> kept(const std::string& shelf, const std::string& job) {
    const std::string folder = shelf + "/" + job;
    std::ifstream file(folder + "/place");
    file.imbue(std::locale::classic());
    Finished music;
    music.job = job;
    if (shelf.empty() || !(file >> music.clip_start)) return std::nullopt;
    for (Span span; file >> span.start >> span.end;) music.new_spans.push_back(span);
    for (size_t i = 0; i < most_takes; ++i) {
        std::optional<Audio> take = read_wav(take_path(folder, i));
        if (!take) break;
        music.takes.push_back(std::move(*take));
    }
    if (music.takes.empty()) return std::nullopt;
    return music;
}

}  // namespace ditto
