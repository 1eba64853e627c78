"""A job as its clients are told of it."""

from bridge.job_records import JobRecord
from bridge.line import Place
from bridge.terms import Terms
from plugin_protocol.framing import unpack
from plugin_protocol.messages import JobDetails, JobState, JobSummary
from plugin_protocol.values import Failure, Result, Task


def state_of(record: JobRecord | None, job: str, place: Place | None = None) -> JobState:
    """Return the state of the job; unknown where nothing of it is kept, or never was."""
    if record is None or record.kept == "id":
        return JobState(job=job, state="unknown")
    return JobState(
        job=job,
        state=record.state,  # type: ignore[arg-type]
        ev=record.ev,
        attempt=record.attempt,
        ahead=place.ahead if place else 0,
        eta_seconds=min(place.eta, 1e7) if place else None,
        result=unpack(record.result, Result) if record.result else None,
        failure=unpack(record.failure, Failure) if record.failure else None,
        cached=record.cached,
        cause=record.cause,
    )


def summary_of(record: JobRecord) -> JobSummary:
    """Return the job's line in a list."""
    return JobSummary(
        job=record.id,
        state=record.state,  # type: ignore[arg-type]
        kind=record.kind,
        created_ms=record.created_ms,
        priority=Terms.read(record.terms).priority,
        client=record.client,
        acked=record.acked,
    )


def details_of(record: JobRecord, *, ran: float) -> JobDetails:
    """Return all about the job but its result; it has run for `ran` seconds."""
    terms = Terms.read(record.terms)
    return JobDetails(
        job=record.id,
        state=record.state,  # type: ignore[arg-type]
        ev=record.ev,
        attempt=record.attempt,
        created_ms=record.created_ms,
        began_ms=record.began_ms,
        ended_ms=record.ended_ms,
        run_seconds=ran,
        client=record.client,
        priority=terms.priority,
        queue_ttl=terms.queue_ttl,
        run_ttl=terms.run_ttl,
        on_deadline=terms.on_deadline,
        on_disconnect=terms.on_disconnect,
        retention=terms.retention,
        private=terms.private,
        acked=record.acked,
        cached=record.cached,
        tags=terms.tags,
        task=unpack(record.task, Task),
    )
