// Carries clips to the daemon and music back, on a thread of its own that no audio thread waits
// for.
//
// Buttons are counted by atomics that the thread looks at twenty times a second. A Session with the
// daemon exists only while a job is under way.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "capture.hpp"
#include "client/session.hpp"
#include "handover.hpp"
#include "order.hpp"
#include "performance.hpp"
#include "plan.hpp"

namespace ditto {

class Courier {
  public:
    // `order` says what the knobs ask for now; it is called from the courier's thread.
    Courier(const Capture& capture, Handover<Performance>& stage, std::function<Order()> order);
    ~Courier();

    void start();  // does nothing the second time

    // Buttons. [any thread, the audio thread too]
    void go() noexcept { ++go_; }
    void finish() noexcept { ++finish_; }
    void cancel() noexcept { ++cancel_; }

    // Lamps. [any thread, the audio thread too]
    Status status() const noexcept { return status_.load(std::memory_order_relaxed); }
    float progress() const noexcept { return progress_.load(std::memory_order_relaxed); }
    unsigned takes() const noexcept { return takes_.load(std::memory_order_relaxed); }

    // What a project keeps: the jobs that are heard, and those that shall be. [host's threads]
    enum class Which { heard, asked };
    std::string remember(Which which) const;
    void recall(Which which, const std::string& line);
    void name(const std::string& instance);

  private:
    void work();
    bool wait();
    void look_at_buttons();
    void talk();
    void ask();
    void take_up_recalled();
    void take_up(const Plan& plan);
    void take(Finished finished);
    void note(const Report& report);
    void perform();
    Session& session();

    const Capture& capture_;
    Handover<Performance>& stage_;
    const std::function<Order()> order_;

    std::atomic<unsigned> go_{0}, finish_{0}, cancel_{0};
    std::atomic<Status> status_{Status::ready};
    std::atomic<float> progress_{0};
    std::atomic<unsigned> takes_{0};

    mutable std::mutex plans_;  // guards these five
    Plan heard_, asked_;
    std::array<std::optional<Plan>, 2> recalled_;
    std::string instance_ = "plugin";
    bool is_ending_ = false;
    std::condition_variable ended_;

    // The courier's thread's own.
    unsigned gone_ = 0, finished_ = 0, cancelled_ = 0;
    std::unique_ptr<Session> session_;
    std::set<std::string> under_way_;
    std::map<std::string, Finished> music_;
    std::optional<std::pair<Order, Clip>> asked_for_, heard_for_;

    std::thread thread_;
};

}  // namespace ditto
