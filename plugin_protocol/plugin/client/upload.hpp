// A blob on its way to the daemon: offered, sent in chunks under credit, confirmed.
#pragma once

#include <deque>

#include "bytes.hpp"
#include "link.hpp"
#include "message.hpp"
#include "sha256.hpp"

namespace ditto {

class Upload {
  public:
    // What the view shows must stay until the upload is over.
    explicit Upload(View data) : data_(data) {}

    bool hash_some();  // false once all of it is hashed, which comes first
    const Digest& sha() const { return sha_; }

    void interrupt();            // the connection is lost: it is to be offered again
    void send_some(Link& link);  // as much as credit and the link's buffer allow
    void hear(const Message& message);
    bool owns(int64_t request) const;  // whether an error that answers it is about this blob

    bool is_done() const { return is_done_; }
    double fraction() const;

  private:
    bool is_about_it(const Message& message) const;

    View data_;
    Sha256 hash_;
    Digest sha_ = {};
    size_t hashed_ = 0, arrived_ = 0, sent_ = 0, ahead_ = 0;
    int64_t offer_ = 0;      // its number; 0: not offered on this connection
    bool is_ready_ = false;  // the offer was answered
    bool is_done_ = false;
    std::deque<int64_t> chunks_;  // numbers of those that may still be refused
};

}  // namespace ditto
