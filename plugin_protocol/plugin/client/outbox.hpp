// What waits for whoever asks the session: a report for each job, and music.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "session.hpp"

namespace ditto {

class Outbox {
  public:
    // An older report of the same job is replaced: as many wait as there are jobs.
    void tell(Report report) {
        const auto same =
            std::find_if(reports_.begin(), reports_.end(),
                         [&](const Report& waiting) { return waiting.job == report.job; });
        if (same == reports_.end()) {
            reports_.push_back(std::move(report));
        } else {
            *same = std::move(report);
        }
    }

    void deliver(Finished music) { finished_.push_back(std::move(music)); }
    bool has_music() const { return !finished_.empty(); }

    std::optional<Report> next_report() { return first_of(reports_); }
    std::optional<Finished> next_finished() { return first_of(finished_); }

  private:
    template <typename Item>
    static std::optional<Item> first_of(std::deque<Item>& items) {
        if (items.empty()) return std::nullopt;
        Item first = std::move(items.front());
        items.pop_front();
        return first;
    }

    std::deque<Report> reports_;
    std::deque<Finished> finished_;
};

}  // namespace ditto
