#include "courier.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "folders.hpp"
#include "shelf.hpp"

namespace ditto {
namespace {

constexpr std::chrono::milliseconds pause{50};
constexpr int patience = 20;  // milliseconds that a step of the session may wait
constexpr size_t most_takes = 8;

bool is_same(const Clip& one, const Clip& other) {
    auto begins = [](const Stretch& a, const Stretch& b) {
        return a.start == b.start && a.end == b.end;
    };
    return one.start == other.start && one.audio.sample_rate == other.audio.sample_rate &&
           one.gains == other.gains && one.audio.samples == other.audio.samples &&
           std::equal(one.marks.begin(), one.marks.end(), other.marks.begin(), other.marks.end(),
                      begins);
}

Status lamp(State state) {
    switch (state) {
        case State::waiting: return Status::waiting;
        case State::uploading: return Status::sending;
        case State::queued: return Status::queued;
        case State::loading: return Status::loading;
        case State::running: return Status::making;
        case State::fetching: return Status::fetching;
        case State::done: return Status::done;
        case State::failed: return Status::failed;
        case State::cancelled: return Status::cancelled;
        case State::unknown: return Status::lost;
    }
    return Status::ready;
}

bool is_over(State state) {
    return state == State::failed || state == State::cancelled || state == State::unknown;
}

}  // namespace

Courier::Courier(const Capture& capture, Handover<Performance>& stage, std::function<Order()> order)
    : capture_(capture), stage_(stage), order_(std::move(order)) {}

Courier::~Courier() {
    {
        const std::lock_guard lock(plans_);
        is_ending_ = true;
    }
    ended_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Courier::start() {
    if (thread_.joinable()) return;
    try {
        thread_ = std::thread([this] { work(); });
    } catch (const std::system_error&) {
        status_ = Status::failed;
    }
}

std::string Courier::remember(Which which) const {
    const std::lock_guard lock(plans_);
    if (const auto& recalled = recalled_[static_cast<size_t>(which)]) return written(*recalled);
    return written(which == Which::heard ? heard_ : asked_);
}

void Courier::recall(Which which, const std::string& line) {
    const std::lock_guard lock(plans_);
    recalled_[static_cast<size_t>(which)] = read_plan(line);
}

void Courier::name(const std::string& instance) {
    const std::lock_guard lock(plans_);
    instance_ = instance;
}

Session& Courier::session() {
    if (!session_) {
        const std::lock_guard lock(plans_);
        session_ = std::make_unique<Session>("plugin-" + instance_);
    }
    return *session_;
}

void Courier::work() {
    while (wait()) {
        try {
            take_up_recalled();
            look_at_buttons();
            if (session_) talk();
            stage_.sweep();
        } catch (const std::exception&) {
            // Out of memory: the job goes on without this project, and the host without the job.
            under_way_.clear();
            session_.reset();
            status_ = Status::failed;
        }
    }
}

// Return whether to go on, at once where a session waits by itself.
bool Courier::wait() {
    std::unique_lock lock(plans_);
    auto is_ending = [this] { return is_ending_; };
    return !(session_ ? is_ending() : ended_.wait_for(lock, pause, is_ending));
}

void Courier::talk() {
    session_->step(patience);
    while (auto finished = session_->next_finished()) {
        keep(shelf_path(), *finished);
        take(std::move(*finished));
    }
    while (auto report = session_->next_report()) note(*report);
    if (under_way_.empty()) session_.reset();
}

void Courier::look_at_buttons() {
    auto was_pressed = [](unsigned& known, const std::atomic<unsigned>& count) {
        const unsigned now = count.load();
        return std::exchange(known, now) != now;
    };
    if (was_pressed(cancelled_, cancel_))
        for (const std::string& job : under_way_) session().cancel(job);
    if (was_pressed(finished_, finish_))
        for (const std::string& job : under_way_) session().finish(job);
    if (was_pressed(gone_, go_) && under_way_.empty()) ask();
}

void Courier::ask() {
    Order order = order_();
    order.wishes = read_wishes(wishes_path());
    std::optional<Clip> clip = capture_.copy();
    const std::optional<Status> no =
        clip ? refusal(order, *clip) : std::optional(Status::nothing_captured);
    if (no) {
        status_ = *no;
        return;
    }
    Request wanted = request(order, *clip);
    wanted.job = new_job_id();
    Plan plan{order.task, clip->start, clip->audio.sample_rate, {}};
    {
        const std::lock_guard lock(plans_);
        // The same again: another take, with the next seed.
        if (heard_for_ && heard_for_->first == order && is_same(heard_for_->second, *clip)) {
            plan = heard_;
            for (const std::string& job : plan.jobs)
                if (music_.count(job)) wanted.seed += music_.at(job).takes.size();
        }
        plan.jobs.push_back(wanted.job);
        asked_ = plan;
    }
    asked_for_.emplace(std::move(order), std::move(*clip));
    under_way_.insert(wanted.job);
    progress_ = 0;
    status_ = Status::waiting;
    session().submit(std::move(wanted));
}

void Courier::take_up_recalled() {
    std::array<std::optional<Plan>, 2> recalled;
    {
        const std::lock_guard lock(plans_);
        std::swap(recalled, recalled_);
        if (recalled[0]) heard_ = *recalled[0];
        if (recalled[1]) asked_ = *recalled[1];
    }
    for (const auto& plan : recalled) {
        if (!plan) continue;
        heard_for_.reset();
        take_up(*plan);
    }
}

void Courier::take_up(const Plan& plan) {
    for (const std::string& job : plan.jobs) {
        if (music_.count(job) || under_way_.count(job)) continue;
        if (auto music = kept(shelf_path(), job)) {
            take(std::move(*music));
            continue;
        }
        under_way_.insert(job);
        status_ = Status::waiting;
        session().attach(job);
    }
}

void Courier::take(Finished finished) {
    const std::string job = finished.job;
    under_way_.erase(job);
    {
        const std::lock_guard lock(plans_);
        if (asked_.has(job) && !heard_.has(job)) {
            heard_ = std::exchange(asked_, {});
            heard_for_ = std::exchange(asked_for_, std::nullopt);
        }
        music_.insert_or_assign(job, std::move(finished));
        for (auto known = music_.begin(); known != music_.end();)
            known = heard_.has(known->first) ? std::next(known) : music_.erase(known);
    }
    perform();
    progress_ = 1;
    status_ = Status::done;
}

void Courier::note(const Report& report) {
    if (report.state == State::done) return;  // its music says so
    status_ = lamp(report.state);
    if (report.fraction >= 0) progress_ = static_cast<float>(report.fraction);
    if (!is_over(report.state)) return;
    under_way_.erase(report.job);
    const std::lock_guard lock(plans_);
    if (asked_.has(report.job) && !heard_.has(report.job)) asked_ = {};
}

void Courier::perform() {
    auto music = std::make_unique<Performance>();
    for (const std::string& job : heard_.jobs) {
        const auto found = music_.find(job);
        if (found == music_.end()) continue;
        const Finished& made = found->second;
        for (const Audio& take : made.takes) {
            const auto frames = static_cast<int64_t>(take.frames());
            if (music->takes.empty()) {
                music->frames = frames;
                music->start = heard_.start - made.clip_start;
                music->repeats = heard_.task == Task::loop;
                if (music->repeats)
                    music->audible = {{0, frames}};
                else
                    for (const Span& span : made.new_spans)
                        music->audible.push_back(
                            {std::max<int64_t>(span.start, 0), std::min(span.end, frames)});
            }
            const bool fits = frames > 0 && frames == music->frames && take.channels == 2 &&
                              take.sample_rate == heard_.sample_rate;
            if (fits && music->takes.size() < most_takes) music->takes.push_back(take);
        }
    }
    takes_ = static_cast<unsigned>(music->takes.size());
    if (!music->takes.empty()) stage_.offer(std::move(music));
}

}  // namespace ditto
