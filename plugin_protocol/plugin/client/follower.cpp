#include "follower.hpp"

#include <utility>

#include "ask.hpp"

namespace ditto {
namespace {

View bytes_of(const Audio& clip) {
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "audio goes to the wire as it lies");
    return View(clip.samples.data(), clip.samples.size() * sizeof(float));
}

}  // namespace

Follower::Follower(Request request, Outbox& outbox)
    : request_(std::move(request)), outbox_(outbox), is_ours_(true), stage_(Stage::hashing),
      upload_(bytes_of(request_.clip)) {
    if (const std::string complaint = complaint_about(request_); !complaint.empty())
        fail("INVALID_SPEC", complaint);
}

Follower::Follower(std::string job, Outbox& outbox)
    : outbox_(outbox), is_ours_(false), stage_(Stage::following), upload_(View()),
      may_be_known_(true) {
    request_.job = std::move(job);
    if (!is_job_id(request_.job))
        fail("UNKNOWN_JOB", "This is not the id of a job: " + this->job());
}

void Follower::cancel() {
    if (stage_ != Stage::receipt) wish_ = Wish::stop;
    const bool nothing_is_known = !may_be_known_ || stage_ == Stage::fetching;
    if (nothing_is_known && !is_over()) end(State::cancelled, "Cancelled; nothing was changed.");
}

void Follower::wait(const std::string& sentence) {
    asked_ = wished_ = 0;
    upload_.interrupt();
    if (download_) download_->interrupt();
    if (stage_ == Stage::submitting && may_be_known_) stage_ = Stage::following;
    if (stage_ != Stage::receipt && !is_over()) tell(State::waiting, sentence);
}

bool Follower::resumes() {
    const bool is_asked = stage_ == Stage::following || stage_ == Stage::fetching;
    if (is_asked) asked_ = -1;
    return is_asked;
}

bool Follower::hash_some() {
    if (stage_ != Stage::hashing) return false;
    if (upload_.hash_some()) return true;
    stage_ = request_.kind == Kind::generate ? Stage::submitting : Stage::uploading;
    return false;
}

void Follower::upload(Link& link) {
    upload_.send_some(link);
    Report report;
    report.state = State::uploading;
    report.fraction = upload_.fraction();
    report.message = "Sending the clip.";
    tell(std::move(report));
}

void Follower::download(Link& link) {
    download_->ask_for_more(link);
    Report report;
    report.state = State::fetching;
    report.fraction =
        static_cast<double>(fetched_ + download_->size()) / static_cast<double>(bytes_);
    report.message = "Fetching the music.";
    tell(std::move(report));
}

void Follower::speak(Link& link) {
    if (stage_ == Stage::submitting && asked_ == 0 && is_due()) submit(link);
    if (stage_ == Stage::following && asked_ == 0 && is_due()) {
        asked_ = link.next_number();
        link.send(ask::job_attach(asked_, job()));
    }
    if (stage_ == Stage::receipt && asked_ == 0) {
        asked_ = link.next_number();
        link.send(ask::job_ack(asked_, job()));
    }
    if (wish_ != Wish::nothing && wished_ == 0 && stage_ == Stage::following) {
        wished_ = link.next_number();
        link.send(ask::job_cancel(wished_, job(), wish_ == Wish::finish));
    }
}

void Follower::submit(Link& link) {
    asked_ = link.next_number();
    const Bytes header = ask::job_submit(asked_, request_, upload_.sha());
    if (header.size() > header_bytes) {
        fail("INVALID_SPEC",
             "The request is too long for one message. Use fewer points or regions.");
        return;
    }
    link.send(header);
    may_be_known_ = true;
}

void Follower::fail(const std::string& code, const std::string& message) {
    stage_ = Stage::over;
    Report report;
    report.state = State::failed;
    report.code = code;
    report.message = message;
    tell(std::move(report));
}

void Follower::end(State state, const std::string& message) {
    stage_ = Stage::over;
    tell(state, message);
}

void Follower::tell(State state, const std::string& message) {
    Report report;
    report.state = state;
    report.message = message;
    tell(std::move(report));
}

void Follower::tell(Report report) {
    report.job = job();
    const auto same = [&](auto member) { return last_.*member == report.*member; };
    const bool is_news = last_.job.empty() || !same(&Report::state) || !same(&Report::message) ||
                         !same(&Report::fraction) || !same(&Report::ahead) || !same(&Report::eta) ||
                         !same(&Report::loss);
    last_ = report;
    if (is_news) outbox_.tell(std::move(report));
}

}  // namespace ditto
