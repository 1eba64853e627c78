#include "link.hpp"

#include <utility>

#include "ask.hpp"

namespace ditto {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds greeting_time(3000), silence(2000);
constexpr milliseconds own_silence(5000);  // after 15 s the daemon forgets a client
constexpr int pings = 3;
constexpr size_t bytes_at_once = 256 * 1024, reads_at_once = 8;
constexpr size_t most_unsent = 8 * 1024 * 1024;

const char no_daemon[] = "No daemon answers. Start one with `ditto serve`.";
const char went_away[] = "The daemon went away. Its jobs are kept, and go on when it is back.";
const char not_understood[] =
    "What answers there does not speak DITTO's protocol. Update the plugin or the daemon.";

}  // namespace

Link::Link(const std::string& path, std::string client, std::vector<std::string> resume)
    : socket_(path), client_(std::move(client)), resume_(std::move(resume)), out_(zmtp_greeting()),
      sentence_(no_daemon), began_(Clock::now()), last_sign_(began_), last_said_(began_) {
    if (!socket_.is_open()) is_ = Is::closed;
}

void Link::send(View header) {
    append_frame(out_, ask::preamble(false), true);
    append_frame(out_, header, false);
    last_said_ = Clock::now();
}

void Link::send(View header, View chunk) {
    append_frame(out_, ask::preamble(true), true);
    append_frame(out_, header, true);
    append_frame(out_, chunk, false);
    last_said_ = Clock::now();
}

void Link::exchange(int timeout_ms) {
    if (is_ == Is::closed) return;
    write();
    if (socket_.is_open()) socket_.wait(timeout_ms, !out_.empty());
    Bytes room(bytes_at_once);
    for (size_t i = 0; i < reads_at_once; ++i) {
        const size_t bytes = socket_.read(room.data(), room.size());
        reader_.add(View(room.data(), bytes));
        if (bytes < room.size()) break;
    }
    write();
    keep_alive();
}

void Link::write() {
    const size_t bytes = socket_.write(out_);
    out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(bytes));
}

void Link::keep_alive() {
    const Clock::time_point now = Clock::now();
    const bool is_late = is_ == Is::greeting && now - began_ > greeting_time;
    if (is_late || out_.size() > most_unsent) is_ = Is::closed;
    if (is_ != Is::open) return;
    if (now - last_sign_ > silence) {
        last_sign_ = now;
        if (unanswered_++ == pings) is_ = Is::closed;
        ping();
    } else if (now - last_said_ > own_silence) {
        ping();
    }
}

void Link::ping() { send(ask::ping(next_number())); }

std::optional<Message> Link::next() {
    while (is_ != Is::closed) {
        switch (reader_.next()) {
            case ZmtpReader::Event::none:
                // Only now: what the daemon said last is heard although it is gone.
                if (!socket_.is_open()) is_ = Is::closed;
                return std::nullopt;
            case ZmtpReader::Event::ready:
                hello_ = next_number();
                send(ask::hello(hello_, client_, resume_));
                break;
            case ZmtpReader::Event::ping: append_pong(out_, reader_.context); break;
            case ZmtpReader::Event::broken: return broken(not_understood);
            case ZmtpReader::Event::message: {
                Message message;
                const Reading reading = read_message(std::move(reader_.frames), message);
                if (reading == Reading::unknown_type) break;
                if (reading == Reading::unsupported_version || reading == Reading::bad)
                    return broken(not_understood);
                last_sign_ = Clock::now();
                unanswered_ = 0;
                if (!is_for_itself(message)) return message;
            }
        }
    }
    return std::nullopt;
}

bool Link::is_for_itself(const Message& message) {
    if (message.type == "notice") {
        is_leaving_ = is_leaving_ || message.header.text("kind") == "leaving";
        return true;
    }
    if (message.type == "error" &&
        message.header.find("failure")->text("code") == "NOT_INITIALIZED") {
        is_ = Is::closed;
        return true;
    }
    if (is_ == Is::open) return message.type == "pong" || message.type == "welcome";
    if (message.type == "welcome" && message.re == hello_) {
        is_ = Is::open;
        was_open_ = true;
        sentence_ = went_away;
        notice_ = message.header.text("notice");
    } else if (message.type == "error") {
        broken(message.header.find("failure")->text("message"));
    }
    return true;
}

std::optional<Message> Link::broken(std::string sentence) {
    is_ = Is::closed;
    sentence_ = std::move(sentence);
    return std::nullopt;
}

}  // namespace ditto
