#include "upload.hpp"

#include <algorithm>

#include "ask.hpp"

namespace ditto {
namespace {

constexpr size_t hashed_at_once = 4 * 1024 * 1024;
constexpr size_t window_chunks = 16;
constexpr size_t most_unsent = 2 * chunk_bytes;  // more would only wait in our own memory

}  // namespace

bool Upload::hash_some() {
    if (hashed_ == data_.size) return false;
    const size_t size = std::min(hashed_at_once, data_.size - hashed_);
    hash_.add(data_.part(hashed_, size));
    hashed_ += size;
    if (hashed_ == data_.size) sha_ = hash_.digest();
    return true;
}

void Upload::interrupt() {
    offer_ = 0;
    is_ready_ = is_done_ = false;
    chunks_.clear();
}

void Upload::send_some(Link& link) {
    if (offer_ == 0) {
        offer_ = link.next_number();
        link.send(ask::blob_put(offer_, sha_, data_.size));
    }
    if (!is_ready_ || is_done_) return;
    while (sent_ < data_.size && link.unsent() < most_unsent) {
        const size_t size = std::min(chunk_bytes, data_.size - sent_);
        if (sent_ + size > arrived_ + ahead_) return;
        chunks_.push_back(link.next_number());
        if (chunks_.size() > 2 * window_chunks) chunks_.pop_front();
        link.send(ask::blob_data(chunks_.back(), sha_, sent_, sent_ + size == data_.size),
                  data_.part(sent_, size));
        sent_ += size;
    }
}

void Upload::hear(const Message& message) {
    if (message.type == "blob.ready" && offer_ != 0 && message.re == offer_) {
        is_ready_ = true;
        is_done_ = message.header.flag("have");
        arrived_ = std::min(static_cast<size_t>(message.header.count("offset")), data_.size);
        sent_ = arrived_;
        const auto credit = static_cast<size_t>(message.header.count("credit"));
        ahead_ = std::min(credit, window_chunks) * chunk_bytes;
    } else if (message.type == "blob.credit" && is_ready_ && is_about_it(message)) {
        arrived_ = std::min(static_cast<size_t>(message.header.count("offset")), data_.size);
        sent_ = std::max(sent_, arrived_);  // another client may be sending the same
        is_done_ = is_done_ || message.header.flag("done");
    }
}

bool Upload::owns(int64_t request) const {
    const bool is_chunk = std::find(chunks_.begin(), chunks_.end(), request) != chunks_.end();
    return request != 0 && (request == offer_ || is_chunk);
}

double Upload::fraction() const {
    return static_cast<double>(arrived_) / static_cast<double>(data_.size);
}

bool Upload::is_about_it(const Message& message) const {
    const std::string sha = message.header.text("sha");
    return std::equal(sha_.begin(), sha_.end(), View(sha.data(), sha.size()).data);
}

}  // namespace ditto
