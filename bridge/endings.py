"""How a job ends otherwise than by its own music: given up, expired, cut short by a deadline."""

from msgspec.structs import replace

from bridge.job_records import JobRecord
from plugin_protocol.values import Failure, Result

CRASHES = 3
"""A job that has taken the worker down so often is not tried again."""
CRASHED = Failure(
    code="WORKER_CRASHED",
    message=f"The worker died {CRASHES} times over this job.",
    hint="Try a shorter clip or fewer takes; the end of worker.out (worker-2.out, ...) in the "
    "daemon's log folder may say why.",
)
UNREADABLE = Failure(
    code="INVALID_SPEC",
    message="The job was handed over to another version of the daemon, and this one cannot read "
    "it.",
    hint="Hand it over again under a new id.",
)


def not_begun(seconds: float) -> Failure:
    """Return the failure of a job that has waited for as long as it was to."""
    return Failure(
        code="EXPIRED",
        message=f"The job had not begun after {seconds:g} s, which is as long as it was to wait.",
        hint="Hand it over again under a new id, with more time or a higher priority.",
        limit="queue_ttl",
    )


def not_ended(seconds: float) -> Failure:
    """Return the failure of a job that has run for as long as it was to."""
    return Failure(
        code="EXPIRED",
        message=f"The job was not done after running for {seconds:g} s, as long as it was to.",
        hint="Hand it over again under a new id, with more time or a lower quality.",
        limit="run_ttl",
    )


def as_ended(result: Result, record: JobRecord) -> Result:
    """Return the result with "deadline" as the reason where the deadline, not a user, ended it."""
    if record.cause != "deadline":
        return result
    takes = tuple(
        replace(take, stopped="deadline") if take.stopped == "finish" else take
        for take in result.takes
    )
    return replace(result, takes=takes)
