#include "session.hpp"

#include <poll.h>

#include <algorithm>
#include <exception>
#include <random>

#include "ask.hpp"
#include "connection_file.hpp"
#include "follower.hpp"
#include "link.hpp"
#include "outbox.hpp"

namespace ditto {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause(100), longest_pause(5000), long_lived(1000);
constexpr size_t most_jobs = 256;  // that one hello may resume
const char stopped[] =
    "The daemon was stopped. Its jobs are kept and go on when it runs again; `ditto serve` starts "
    "it.";

}  // namespace

class Session::Work {
  public:
    explicit Work(std::string client) : client_(std::move(client)) {}

    ~Work() {
        if (!is_open()) return;
        link_->send(ask::bye(link_->next_number()));
        link_->exchange(0);
    }

    Follower* find(const std::string& job) {
        const auto is_it = [&](const auto& each) { return each->job() == job; };
        const auto found = std::find_if(followers_.begin(), followers_.end(), is_it);
        return found == followers_.end() ? nullptr : found->get();
    }

    template <typename Whom>
    void follow(const std::string& job, Whom whom) {
        if (find(job) != nullptr) return;
        if (followers_.size() == most_jobs) {
            Report report;
            report.job = job;
            report.state = State::failed;
            report.code = "QUEUE_FULL";
            report.message = "256 jobs are under way already. Wait until some of them are over.";
            outbox_.tell(std::move(report));
            return;
        }
        followers_.push_back(std::make_unique<Follower>(std::move(whom), outbox_));
        next_try_ = Clock::now();  // something new is worth a look
    }

    void step(int timeout_ms) {
        if (has_stumbled_) disconnect("Memory ran out. Close something, or ask for shorter music.");
        connect();
        const bool has_more = std::any_of(followers_.begin(), followers_.end(),
                                          [](const auto& each) { return each->hash_some(); });
        speak();
        const int pause = has_more ? 0 : std::max(timeout_ms, 0);
        if (link_) {
            link_->exchange(pause);
        } else {
            const auto left = std::chrono::duration_cast<milliseconds>(next_try_ - Clock::now());
            poll(nullptr, 0, static_cast<int>(std::clamp<int64_t>(left.count() + 1, 0, pause)));
        }
        hear();
        speak();
        const auto is_over = [](const auto& each) { return each->is_over(); };
        followers_.erase(std::remove_if(followers_.begin(), followers_.end(), is_over),
                         followers_.end());
    }

    // Something has thrown: what is half done is begun again by the next step.
    void stumble() { has_stumbled_ = true; }

    void disconnect(std::string sentence) {
        link_.reset();
        sentence_ = std::move(sentence);
        std::uniform_real_distribution<double> half_to_whole(0.5, 1);
        next_try_ = Clock::now() +
                    std::chrono::duration_cast<Clock::duration>(pause_ * half_to_whole(chance_));
        pause_ = std::min(std::max(2 * pause_, first_pause), longest_pause);
        for (const auto& each : followers_) each->wait(sentence_);
        has_stumbled_ = false;
    }

    Connection connection() const {
        Connection result;
        result.is = is_open() ? Connection::Is::connected
                    : link_   ? Connection::Is::connecting
                              : Connection::Is::absent;
        result.sentence = is_open() ? link_->notice() : sentence_;
        return result;
    }

    Outbox& outbox() { return outbox_; }

  private:
    bool is_open() const { return link_ && link_->is() == Link::Is::open; }

    void connect() {
        if (link_ || Clock::now() < next_try_) return;
        const Whereabouts daemon = find_daemon();
        if (daemon.socket_path.empty()) return disconnect(daemon.sentence);
        std::vector<std::string> resume;
        for (const auto& each : followers_) {
            if (each->resumes()) resume.push_back(each->job());
        }
        link_ = std::make_unique<Link>(daemon.socket_path, client_, std::move(resume));
        connected_at_ = Clock::now();
    }

    void speak() {
        if (!is_open()) return;
        // One blob in each direction: the window is the connection's, not the blob's.
        const auto first_that = [&](auto wants) {
            return std::find_if(followers_.begin(), followers_.end(), wants);
        };
        const auto up = first_that([](const auto& each) { return each->wants_to_upload(); });
        if (up != followers_.end()) (*up)->upload(*link_);
        const auto down = first_that([](const auto& each) { return each->wants_to_download(); });
        if (down != followers_.end() && !outbox_.has_music()) (*down)->download(*link_);
        for (const auto& each : followers_) each->speak(*link_);
    }

    void hear() {
        while (link_) {
            const std::optional<Message> message = link_->next();
            if (!message) break;
            for (const auto& each : followers_) each->hear(*message);
        }
        if (!link_ || link_->is() != Link::Is::closed) return;
        // At once, the first time; a peer that welcomes and hangs up is not worth that.
        if (link_->was_open() && Clock::now() - connected_at_ > long_lived) pause_ = {};
        const bool has_left = link_->is_leaving() || !find_daemon().has_file;
        disconnect(link_->was_open() && has_left ? stopped : link_->sentence());
    }

    const std::string client_;
    Outbox outbox_;
    std::vector<std::unique_ptr<Follower>> followers_;
    std::unique_ptr<Link> link_;
    std::string sentence_ = "Looking for the daemon.";
    bool has_stumbled_ = false;
    Clock::time_point connected_at_ = {}, next_try_ = {};
    milliseconds pause_ = {};  // before the next attempt; the first is made at once
    std::minstd_rand chance_{std::random_device{}()};
};

Session::Session(std::string client_name) : work_(std::make_unique<Work>(std::move(client_name))) {}

Session::~Session() = default;

void Session::submit(Request request) {
    const std::string job = request.job;
    work_->follow(job, std::move(request));
}

void Session::attach(const std::string& job) { work_->follow(job, job); }

void Session::cancel(const std::string& job) {
    if (Follower* follower = work_->find(job)) follower->cancel();
}

void Session::finish(const std::string& job) {
    if (Follower* follower = work_->find(job)) follower->finish();
}

void Session::step(int timeout_ms) {
    try {
        work_->step(timeout_ms);
    } catch (const std::exception&) {
        work_->stumble();
    }
}

Connection Session::connection() const { return work_->connection(); }

std::optional<Report> Session::next_report() { return work_->outbox().next_report(); }

std::optional<Finished> Session::next_finished() { return work_->outbox().next_finished(); }

}  // namespace ditto
