// Keeps music in files for as long as the user does: the daemon forgets, a project must not.
//
//     SHELF/JOB/result.wav, result-2.wav, ...     a take each, to be dragged onto a track as well
//     SHELF/JOB/place                             where they belong: clip_start, then start end ...
#pragma once

#include <optional>
#include <string>

#include "client/session.hpp"

namespace ditto {

// Put it there. What cannot be written is not kept.
void keep(const std::string& shelf, const Finished& music);

// What was kept of a job, or nothing.
std::optional<Finished> kept(const std::string& shelf, const std::string& job);

}  // namespace ditto
