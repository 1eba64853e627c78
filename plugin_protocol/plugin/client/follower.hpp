// One job on its way: hashed, uploaded, submitted, followed, fetched and received.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "download.hpp"
#include "link.hpp"
#include "outbox.hpp"
#include "request.hpp"
#include "session.hpp"
#include "upload.hpp"

namespace ditto {

class Follower {
  public:
    Follower(Request request, Outbox& outbox);  // one to be submitted
    Follower(std::string job, Outbox& outbox);  // one of an earlier session
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    const std::string& job() const { return request_.job; }
    bool is_over() const { return stage_ == Stage::over; }
    bool wants_to_upload() const { return stage_ == Stage::uploading && is_due(); }
    bool wants_to_download() const { return stage_ == Stage::fetching && is_due(); }

    void cancel();
    void finish() { wish_ = wish_ == Wish::nothing ? Wish::finish : wish_; }

    // There is no daemon, for the reason in the sentence; what was under way is to be asked again.
    void wait(const std::string& sentence);
    // Whether a new connection shall ask for it at once, in its hello.
    bool resumes();

    bool hash_some();  // false where nothing is to be hashed
    void upload(Link& link);
    void download(Link& link);
    void speak(Link& link);
    void hear(const Message& message);

  private:
    enum class Stage { hashing, uploading, submitting, following, fetching, receipt, over };
    enum class Wish { nothing, finish, stop };

    bool is_due() const { return Clock::now() >= not_before_; }
    void submit(Link& link);
    void hear_state(const Value& said);
    void hear_end(const Value& said);
    void hear_refusal(const Message& message);
    void begin_again();
    void begin_fetching(const Value& result);
    void hear_chunk(const Message& message);
    void receive();
    bool is_put_off(const Value& failure, const std::string& code);
    void fail(const std::string& code, const std::string& message);
    void end(State state, const std::string& message);
    void tell(State state, const std::string& message);
    void tell(Report report);

    Request request_;
    Outbox& outbox_;
    const bool is_ours_;  // to be submitted, again if need be
    Stage stage_;
    Upload upload_;
    Wish wish_ = Wish::nothing;
    bool may_be_known_ = false;  // the daemon may have heard of it
    int64_t asked_ = 0;          // number of the question under way; -1: asked by a hello
    int64_t wished_ = 0;         // number of the wish that was told
    int attempts_left_ = 3;
    Clock::time_point not_before_ = {};
    Report last_;
    std::deque<AudioRef> takes_;  // still to be fetched
    std::optional<Download> download_;
    size_t bytes_ = 0, fetched_ = 0;  // of all takes
    Finished music_;
};

}  // namespace ditto
