#include "player.hpp"

#include <algorithm>
#include <cstring>

namespace ditto {
namespace {

// The sample of the track and that of the music; either of them exactly at its end of the scale.
float blend(float track, float music, float mix) noexcept {
    if (mix <= 0) return track;
    if (mix >= 1) return music;
    return track + (music - track) * mix;
}

}  // namespace

void Player::play(const Performance* music, const Transport& now, const Listening& wish,
                  const float* const* in, float* const* out, uint32_t frames) noexcept {
    for (int channel = 0; channel < 2; ++channel)
        if (out[channel] != in[channel])
            std::memmove(out[channel], in[channel], frames * sizeof(float));
    if (music == nullptr || music->takes.empty() || !now.is_rolling) {
        last_ = nullptr;
        next_frame_ = -1;
        return;
    }
    Listening is = wish;
    is.take = std::min(is.take, static_cast<uint32_t>(music->takes.size()) - 1);
    if (music != last_ || now.frame != next_frame_) {
        change_ = {is, is, 0};
    } else if (is.take != change_.to.take || is.mix != change_.to.mix) {
        change_ = {change_.to, is, fade};
    }
    last_ = music;
    next_frame_ = now.frame + frames;
    if (change_.left > 0 || is.mix > 0) {
        const int64_t length = music->frames;
        uint32_t done = 0;
        // A loop shorter than a block comes round several times within it.
        while (done < frames) {
            int64_t place = now.frame + done - music->start;
            if (music->repeats && place >= 0) place %= length;
            uint32_t piece = frames - done;
            if (music->repeats)
                piece = static_cast<uint32_t>(
                    std::min<int64_t>(piece, place < 0 ? -place : length - place));
            for (const Stretch& heard : music->audible) {
                const int64_t begin = std::max<int64_t>(heard.start, place);
                const int64_t end = std::min<int64_t>(heard.end, place + piece);
                if (begin < end)
                    lay_over(*music, place - done, static_cast<uint32_t>(begin - place + done),
                             static_cast<uint32_t>(end - place + done), out);
            }
            done += piece;
        }
    }
    change_.left -= std::min(change_.left, frames);
}

// Lay samples `begin` to `end` of the block over the track; the block's sample 0 is the takes'
// `first`.
void Player::lay_over(const Performance& music, int64_t first, uint32_t begin, uint32_t end,
                      float* const* out) const noexcept {
    const Audio& new_take = music.takes[change_.to.take];
    const Audio& old_take = music.takes[change_.from.take];
    for (uint32_t channel = 0; channel < 2; ++channel) {
        const float* to = new_take.channel(channel);
        const float* from = old_take.channel(channel);
        uint32_t i = begin;
        for (; i < std::min(end, change_.left); ++i) {
            const float rest = static_cast<float>(change_.left - i) / fade;
            const float track = out[channel][i];
            const float old_sound = blend(track, from[first + i], change_.from.mix);
            const float new_sound = blend(track, to[first + i], change_.to.mix);
            out[channel][i] = blend(new_sound, old_sound, rest);
        }
        for (; i < end; ++i)
            out[channel][i] = blend(out[channel][i], to[first + i], change_.to.mix);
    }
}

}  // namespace ditto
