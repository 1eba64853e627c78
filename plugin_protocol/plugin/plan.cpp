#include "plan.hpp"

#include <algorithm>
#include <locale>
#include <sstream>

namespace ditto {
namespace {

constexpr size_t job_length = 36;  // a UUID
constexpr size_t most_jobs = 8;
constexpr int64_t furthest = int64_t{1} << 53;  // samples: a thousand years

// Names of files are made of them.
bool is_job(const std::string& text) {
    return text.size() == job_length &&
           text.find_first_not_of("0123456789abcdef-") == std::string::npos;
}

}  // namespace

bool Plan::has(const std::string& job) const {
    return std::find(jobs.begin(), jobs.end(), job) != jobs.end();
}

std::string written(const Plan& plan) {
    if (plan.jobs.empty()) return "";
    std::ostringstream line;
    line.imbue(std::locale::classic());  // hosts set others, with dots between thousands
    line << static_cast<int>(plan.task) << ' ' << plan.start << ' ' << plan.sample_rate;
    for (const std::string& job : plan.jobs) line << ' ' << job;
    return line.str();
}

std::optional<Plan> read_plan(const std::string& text) {
    std::istringstream line(text);
    line.imbue(std::locale::classic());
    Plan plan;
    int task = 0;
    if (!(line >> task >> plan.start >> plan.sample_rate)) return std::nullopt;
    if (plan.start > furthest || plan.start < -furthest) return std::nullopt;
    if (task < 0 || task >= static_cast<int>(task_names.size())) return std::nullopt;
    plan.task = static_cast<Task>(task);
    for (std::string job; plan.jobs.size() < most_jobs && line >> job;)
        if (is_job(job)) plan.jobs.push_back(job);
    if (plan.jobs.empty()) return std::nullopt;
    return plan;
}

}  // namespace ditto
