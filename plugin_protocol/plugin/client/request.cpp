#include "request.hpp"

#include "value.hpp"

namespace ditto {
namespace {

constexpr size_t most_regions = 256, most_points = 512, most_characters = 2000;
constexpr size_t largest_blob = size_t{1} << 29;

bool is_audio(const Audio& clip) {
    return clip.channels >= 1 && clip.channels <= 2 &&
           clip.samples.size() == clip.channels * clip.frames();
}

bool is_text(const std::string& text) {
    const auto characters = count_characters(text);
    return characters && *characters <= most_characters;
}

}  // namespace

std::string complaint_about(const Request& request) {
    if (!is_job_id(request.job)) return "This is not the id of a job: " + request.job;
    if (request.kind != Kind::generate) {
        if (request.clip.samples.empty()) return "There is no clip. Capture some music first.";
        if (!is_audio(request.clip)) return "The clip has neither one channel nor two.";
        if (request.clip.samples.size() > largest_blob / sizeof(float))
            return "The clip has more than 512 MiB. Capture less.";
    }
    // More would not be a message of the protocol, and could not be answered by number.
    if (request.regions.size() > most_regions) return "More than 256 regions. Mark fewer.";
    if (request.intensity.size() > most_points)
        return "The intensity has more than 512 points. Thin them out.";
    for (const std::string* text : {&request.prompt, &request.model, &request.quality}) {
        if (!is_text(*text))
            return "The prompt, the model and the quality are UTF-8 text of at most 2000 "
                   "characters each. Shorten them.";
    }
    return {};
}

bool is_job_id(const std::string& text) {
    static const std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (text.size() != form.size()) return false;
    for (size_t i = 0; i < form.size(); ++i) {
        const bool is_digit =
            (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (form[i] == '-' ? text[i] != '-' : !is_digit) return false;
    }
    return true;
}

}  // namespace ditto
