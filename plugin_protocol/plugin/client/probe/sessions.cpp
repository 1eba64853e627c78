// Whole sessions, told what to do while they are at it.
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include "json.hpp"
#include "probe/probe.hpp"
#include "session.hpp"
#include "sha256.hpp"

namespace ditto::probe {
namespace {

constexpr int step_ms = 20;

const char* name_of(State state) {
    static const char* const names[] = {"waiting",  "uploading", "queued", "loading",   "running",
                                        "fetching", "done",      "failed", "cancelled", "unknown"};
    return names[static_cast<int>(state)];
}

const char* name_of(Connection::Is is) {
    static const char* const names[] = {"absent", "connecting", "connected"};
    return names[static_cast<int>(is)];
}

void print(const Report& report) {
    std::printf(
        "{\"job\": %s, \"state\": \"%s\", \"phase\": %s, \"message\": %s, \"code\": %s, "
        "\"step\": %u, \"steps\": %u, \"fraction\": %g, \"eta\": %g}\n",
        json_text(report.job).c_str(), name_of(report.state), json_text(report.phase).c_str(),
        json_text(report.message).c_str(), json_text(report.code).c_str(), report.step,
        report.steps, report.fraction, report.eta);
}

std::string json_of(const Audio& take, uint64_t seed) {
    Sha256 hash;
    hash.add(View(take.samples.data(), take.samples.size() * sizeof(float)));
    const Digest sha = hash.digest();
    return "{\"sha\": \"" + to_hex(View(sha.data(), sha.size())) +
           "\", \"channels\": " + std::to_string(take.channels) +
           ", \"sample_rate\": " + std::to_string(take.sample_rate) +
           ", \"frames\": " + std::to_string(take.frames()) +
           ", \"seed\": " + std::to_string(seed) + "}";
}

void print(const Finished& music) {
    std::string takes, spans;
    for (size_t i = 0; i < music.takes.size(); ++i)
        takes += (i == 0 ? "" : ", ") + json_of(music.takes[i], music.seeds[i]);
    for (const Span& span : music.new_spans)
        spans += (spans.empty() ? "[" : ", [") + std::to_string(span.start) + ", " +
                 std::to_string(span.end) + "]";
    std::printf("{\"finished\": %s, \"takes\": [%s], \"new\": [%s], \"clip_start\": %lld}\n",
                json_text(music.job).c_str(), takes.c_str(), spans.c_str(),
                static_cast<long long>(music.clip_start));
}

// Standard input, read as it comes, so that the session need not wait for it.
class Orders {
  public:
    bool next(Value& into) {
        pollfd entry = {STDIN_FILENO, POLLIN, 0};
        if (!is_closed_ && poll(&entry, 1, 0) > 0) {
            char room[4096];
            const ssize_t size = ::read(STDIN_FILENO, room, sizeof room);
            is_closed_ = size <= 0;
            if (size > 0) text_.append(room, static_cast<size_t>(size));
        }
        const size_t end = text_.find('\n');
        if (end == std::string::npos) return false;
        const auto value = read_json(text_.substr(0, end));
        text_.erase(0, end + 1);
        if (!value) std::exit(2);
        into = *value;
        return true;
    }

    bool is_closed() const { return is_closed_ && text_.find('\n') == std::string::npos; }

  private:
    std::string text_;
    bool is_closed_ = false;
};

void obey(Session& session, const Value& told) {
    const std::string what = told.text("do"), job = told.text("job");
    if (what == "submit") session.submit(request_of(told));
    if (what == "attach") session.attach(job);
    if (what == "cancel") session.cancel(job);
    if (what == "finish") session.finish(job);
    if (what == "sleep") usleep(static_cast<useconds_t>(told.number("seconds", 0) * 1e6));
}

bool is_final(State state) {
    return state == State::done || state == State::failed || state == State::cancelled ||
           state == State::unknown;
}

}  // namespace

int run_session() {
    Session session("probe/1");
    Orders orders;
    std::string said;
    while (!orders.is_closed()) {
        Value told;
        while (orders.next(told)) obey(session, told);
        session.step(step_ms);
        const Connection connection = session.connection();
        const std::string line = "{\"connection\": \"" + std::string(name_of(connection.is)) +
                                 "\", \"sentence\": " + json_text(connection.sentence) + "}";
        if (line != said) std::printf("%s\n", line.c_str());
        said = line;
        while (const auto music = session.next_finished()) print(*music);
        while (const auto report = session.next_report()) print(*report);
    }
    return 0;
}

int run_sessions() {
    std::vector<std::thread> threads;
    std::mutex printing;
    Value told;
    while (next_line(told)) {
        threads.emplace_back([told, &printing] {
            Session session("probe/1");
            obey(session, told);
            for (bool is_over = false; !is_over;) {
                session.step(step_ms);
                const std::lock_guard<std::mutex> guard(printing);
                while (const auto music = session.next_finished()) print(*music);
                while (const auto report = session.next_report()) {
                    is_over = is_final(report->state);
                    print(*report);
                }
            }
        });
    }
    for (std::thread& each : threads) each.join();
    return 0;
}

}  // namespace ditto::probe
