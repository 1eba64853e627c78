// What the daemon says of a job, as a report for the user.
#pragma once

#include <string>

#include "session.hpp"
#include "value.hpp"

namespace ditto {

// Of a job.state of a job that is not over; `last` is the report before.
Report report_of_state(const Value& said, const Report& last);
Report report_of_progress(const Value& said);

// A failure's message, and what to do about it.
std::string words_of(const Value& failure);

}  // namespace ditto
