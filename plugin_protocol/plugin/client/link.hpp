// One connection to the daemon: it greets, numbers requests, and finds out when the peer is gone.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "bytes.hpp"
#include "message.hpp"
#include "unix_socket.hpp"
#include "zmtp.hpp"

namespace ditto {

using Clock = std::chrono::steady_clock;

class Link {
  public:
    enum class Is { greeting, open, closed };

    // The daemon answers for each of the jobs to resume with a job.state, right after its welcome.
    Link(const std::string& path, std::string client, std::vector<std::string> resume);

    Is is() const { return is_; }
    bool was_open() const { return was_open_; }
    bool is_leaving() const { return is_leaving_; }            // the daemon has said so
    const std::string& sentence() const { return sentence_; }  // for the user; once it is closed
    const std::string& notice() const { return notice_; }      // of the daemon, for the user

    // Requests are numbered by the caller: send(ask::ping(next_number())).
    int64_t next_number() { return ++number_; }
    void send(View header);
    void send(View header, View chunk);
    size_t unsent() const { return out_.size(); }

    // Writes and reads what it can, after it has waited so long for the peer at the most.
    void exchange(int timeout_ms);

    // The next message that is not about the connection itself.
    std::optional<Message> next();

  private:
    void write();
    void ping();
    void keep_alive();
    bool is_for_itself(const Message& message);
    std::optional<Message> broken(std::string sentence);

    UnixSocket socket_;
    std::string client_;
    std::vector<std::string> resume_;
    ZmtpReader reader_;
    Bytes out_;
    Is is_ = Is::greeting;
    bool was_open_ = false, is_leaving_ = false;
    std::string sentence_, notice_;
    int64_t number_ = 0, hello_ = 0;
    int unanswered_ = 0;                   // pings
    Clock::time_point began_, last_sign_;  // of life, or our last ping for want of one
    Clock::time_point last_said_;
};

}  // namespace ditto
