// What a follower makes of what the daemon says.
#include <algorithm>
#include <set>
#include <utility>

#include "follower.hpp"
#include "wording.hpp"

namespace ditto {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_pause(60'000);
constexpr int64_t usual_pause_ms = 500;
constexpr size_t most_bytes = size_t{1} << 30;

}  // namespace

void Follower::hear(const Message& message) {
    if (is_over()) return;
    const bool is_about_it = message.header.text("job") == job();
    if (message.type == "job.state" && is_about_it) hear_state(message.header);
    if (message.type == "job.progress" && is_about_it && stage_ == Stage::following)
        tell(report_of_progress(message.header));
    if (message.type == "ok" && stage_ == Stage::receipt && message.re == asked_)
        stage_ = Stage::over;
    if (message.type == "error" && message.re != 0) hear_refusal(message);
    if (stage_ == Stage::uploading) {
        upload_.hear(message);
        if (upload_.is_done()) stage_ = Stage::submitting;
    }
    if (stage_ == Stage::fetching) hear_chunk(message);
}

void Follower::hear_state(const Value& said) {
    const std::string state = said.text("state");
    const bool is_followed = stage_ == Stage::submitting || stage_ == Stage::following;
    if (state == "unknown") {
        if (stage_ == Stage::following || stage_ == Stage::fetching) begin_again();
    } else if (is_followed) {
        stage_ = Stage::following;
        if (state == "queued" || state == "loading" || state == "running") {
            tell(report_of_state(said, last_));
        } else {
            hear_end(said);
        }
    }
}

void Follower::hear_end(const Value& said) {
    const std::string state = said.text("state");
    const Value *failure = said.find("failure"), *result = said.find("result");
    if (state == "cancelled") {
        end(State::cancelled, "Cancelled; nothing was changed.");
    } else if (state == "failed") {
        fail(failure ? failure->text("code") : "", failure ? words_of(*failure) : "It failed.");
    } else if (result == nullptr) {
        fail("GONE", "The daemon does not keep this music any more. Ask for it anew.");
    } else {
        begin_fetching(*result);
    }
}

void Follower::hear_refusal(const Message& message) {
    const bool is_of_blob = upload_.owns(message.re) || (download_ && download_->owns(message.re));
    if (message.re != asked_ && !is_of_blob) return;
    if (stage_ == Stage::receipt) {
        stage_ = Stage::over;  // its music is here all the same
        return;
    }
    const Value& failure = *message.header.find("failure");
    const std::string code = failure.text("code");
    static const std::set<std::string> spoilt = {"BAD_OFFSET", "DIGEST_MISMATCH", "BLOB_MISSING"};
    const bool may_be_sent_again = is_ours_ && stage_ != Stage::fetching && spoilt.count(code) > 0;
    if (is_put_off(failure, code)) {
        tell(State::waiting, words_of(failure));
    } else if (may_be_sent_again && attempts_left_-- > 0) {
        begin_again();
    } else {
        fail(code, words_of(failure));
    }
}

// Whether it is to be asked again later, as late as the daemon says.
bool Follower::is_put_off(const Value& failure, const std::string& code) {
    const bool is_crowded = code == "TOO_MANY_INFLIGHT";
    const int64_t pause = failure.count("retry_after_ms", is_crowded ? usual_pause_ms : -1);
    if (pause < 0) return false;
    not_before_ = Clock::now() + std::min(milliseconds(pause), longest_pause);
    asked_ = 0;
    upload_.interrupt();
    if (download_) download_->interrupt();
    return true;
}

void Follower::begin_again() {
    if (wish_ == Wish::stop) return end(State::cancelled, "Cancelled; nothing was changed.");
    if (!is_ours_)
        return end(State::unknown, "The daemon does not know this job any more. Ask for it anew.");
    takes_.clear();
    download_.reset();
    upload_.interrupt();
    asked_ = wished_ = 0;
    may_be_known_ = false;
    stage_ = Stage::hashing;  // which is over at once, the second time
}

void Follower::begin_fetching(const Value& result) {
    music_ = Finished();
    music_.job = job();
    music_.clip_start = result.count("clip_start");
    for (const Value& span : result.list("new"))
        music_.new_spans.push_back({span.count("start"), span.count("end")});
    takes_.clear();
    bytes_ = fetched_ = 0;
    for (const Value& take : result.list("takes")) {
        takes_.emplace_back(*take.find("audio"));
        music_.seeds.push_back(static_cast<uint64_t>(take.count("seed")));
        bytes_ += takes_.back().bytes();
    }
    if (bytes_ > most_bytes)
        return fail("TOO_LARGE",
                    "The music has more than a GiB. Ask for less, or for fewer takes.");
    download_.emplace(takes_.front());
    stage_ = Stage::fetching;
}

void Follower::hear_chunk(const Message& message) {
    if (!download_->hear(message))
        return fail("DIGEST_MISMATCH", "The music that arrived is not what was asked for.");
    if (download_->is_done()) receive();
}

void Follower::receive() {
    std::optional<Audio> take = download_->take();
    if (!take) {
        if (attempts_left_-- == 0)
            fail("DIGEST_MISMATCH", "The music that arrived is not what was asked for.");
        return;
    }
    fetched_ += takes_.front().bytes();
    takes_.pop_front();
    music_.takes.push_back(std::move(*take));
    if (!takes_.empty()) {
        download_.emplace(takes_.front());
        return;
    }
    download_.reset();
    outbox_.deliver(std::move(music_));
    request_.clip = Audio();
    asked_ = 0;
    stage_ = Stage::receipt;
    tell(State::done, "Done.");
}

}  // namespace ditto
