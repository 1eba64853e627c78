#include "wording.hpp"

#include <algorithm>
#include <cmath>

namespace ditto {
namespace {

std::string sentence_of(const Report& report) {
    std::string sentence = report.phase;
    if (report.steps > 0)
        sentence +=
            ": iteration " + std::to_string(report.step) + " of " + std::to_string(report.steps);
    if (report.eta >= 0) sentence += ", " + std::to_string(std::lround(report.eta)) + " s left";
    return sentence;
}

}  // namespace

Report report_of_state(const Value& said, const Report& last) {
    const std::string state = said.text("state");
    Report report;
    if (state == "running" && last.state == State::running) report = last;
    report.eta = said.number("eta_seconds", report.eta);
    if (state == "queued") {
        report.state = State::queued;
        report.ahead = static_cast<unsigned>(said.count("ahead"));
        report.message = "Waiting for its turn.";
        if (report.ahead > 0)
            report.message =
                "Waiting for its turn, " + std::to_string(report.ahead) + " before it.";
    } else if (state == "loading") {
        report.state = State::loading;
        report.message = "Loading the model.";
    } else if (report.state != State::running) {
        report.state = State::running;
        report.message = "Beginning.";
    }
    return report;
}

Report report_of_progress(const Value& said) {
    Report report;
    report.state = State::running;
    report.phase = said.text("phase");
    report.step = static_cast<unsigned>(said.count("step"));
    report.steps = static_cast<unsigned>(said.count("steps"));
    report.take = static_cast<unsigned>(said.count("take"));
    report.eta = said.number("eta_seconds", -1);
    report.loss = said.number("loss", -1);
    if (report.steps > 0)
        report.fraction = std::min(1.0, static_cast<double>(report.step) / report.steps);
    report.message = said.text("note");
    if (report.message.empty()) report.message = sentence_of(report);
    return report;
}

std::string words_of(const Value& failure) {
    const std::string hint = failure.text("hint");
    return failure.text("message") + (hint.empty() ? "" : " " + hint);
}

}  // namespace ditto
