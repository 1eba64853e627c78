// A session with the daemon of this user, for one worker thread of the plugin; never for run().
//
//     Session session("ditto-vst3/1");
//     session.submit(request);               // at any time, also while there is no daemon
//     while (!is_ending) {
//         session.step(50);                  // does what can be done, waits 50 ms at the most
//         while (auto report = session.next_report()) show(*report);
//         while (auto music = session.next_finished()) play(std::move(*music));
//     }
//
// A daemon that starts late, dies or is replaced interrupts nothing: uploads and downloads go on
// where they stopped, and a job that the next daemon does not know is submitted again under its id.
// When the session is destroyed its jobs go on; a later session hears of them by attach().
//
// Read in this order:
//
//     audio, request         what goes in and comes out
//     bytes, value           what bytes become
//     msgpack, json          two ways to write a value
//     sha256, identity       names of blobs and jobs
//     zmtp                   bytes of a socket <-> frames
//     shapes, message        frames -> a checked message of the daemon
//     ask                    a request -> its header
//     connection_file        where the daemon is
//     unix_socket, link      one connection, greeted and alive
//     upload, download       blobs, in chunks under credit
//     follower               one job from its clip to its music
//     session                all jobs, and the connection that is lost and found again
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audio.hpp"
#include "request.hpp"

namespace ditto {

enum class State {
    waiting,    // for a daemon; `message` says why
    uploading,  // the clip
    queued,
    loading,  // the model
    running,
    fetching,  // the result
    done,      // a Finished is there, too
    failed,    // `message` says why, `code` for programs
    cancelled,
    unknown,  // attached to a job that the daemon does not know (any more)
};

struct Report {
    std::string job;
    State state = State::waiting;
    std::string phase;             // running: loading, analyzing, optimizing, decoding, resuming
    std::string message;           // for the user
    std::string code;              // failed: PROTOCOL.md, section 8.5
    unsigned step = 0, steps = 0;  // running: iterations; 0 steps: not known yet
    unsigned take = 0;             // running: which, from 0
    unsigned ahead = 0;            // queued: jobs that will begin before this one
    double fraction = -1;          // 0...1 of uploading, running or fetching; -1: not known
    double eta = -1;               // seconds until it is over; -1: not known
    double loss = -1;              // -1: not known
};

struct Span {
    int64_t start, end;  // samples of the result
};

struct Finished {
    std::string job;
    std::vector<Audio> takes;
    std::vector<uint64_t> seeds;  // of each take
    std::vector<Span> new_spans;  // what is new; all else is the clip's, bit by bit
    int64_t clip_start = 0;       // where the clip's sample 0 lies in each take
};

struct Connection {
    enum class Is { absent, connecting, connected };
    Is is = Is::absent;
    std::string sentence;  // for the user
};

class Session {
  public:
    // The name is shown in the daemon's lists and logs, and gets its fair turn there.
    explicit Session(std::string client_name);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void submit(Request request);         // a job that is already followed is left alone
    void attach(const std::string& job);  // of an earlier session: hear of it, fetch its result
    void cancel(const std::string& job);  // end it without a result
    void finish(const std::string& job);  // end its search, keep the best so far
    void step(int timeout_ms);            // never throws

    Connection connection() const;
    std::optional<Report> next_report();      // the newest of each job: older ones are replaced
    std::optional<Finished> next_finished();  // before State::done is reported
  private:
    class Work;
    std::unique_ptr<Work> work_;
};

// A fresh UUIDv7 (RFC 9562), the name of a job for ever.
std::string new_job_id();

}  // namespace ditto
