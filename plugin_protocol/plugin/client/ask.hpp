// What this client says: a header for each request (PROTOCOL.md, section 8.2), numbered `i`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bytes.hpp"
#include "request.hpp"
#include "sha256.hpp"

namespace ditto::ask {

Bytes hello(int64_t i, const std::string& client, const std::vector<std::string>& resume);
Bytes ping(int64_t i);
Bytes bye(int64_t i);

Bytes blob_put(int64_t i, const Digest& sha, uint64_t size);
Bytes blob_data(int64_t i, const Digest& sha, uint64_t offset, bool last);
Bytes blob_get(int64_t i, const Digest& sha, uint64_t offset, unsigned credit);

// `sha` is of the clip.
Bytes job_submit(int64_t i, const Request& request, const Digest& sha);
Bytes job_attach(int64_t i, const std::string& job);
Bytes job_cancel(int64_t i, const std::string& job, bool keeps_best);
Bytes job_ack(int64_t i, const std::string& job);

// The first frame of a message.
Bytes preamble(bool carries_chunk);

}  // namespace ditto::ask
