"""What clients ask about jobs: hand over, end, receive, forget, and what becomes of the idle ones.

queued -> loading -> running -> done, failed or cancelled; everything is in the store before anybody
hears of it, the worker included. A cancelled job is over at once for everybody; the worker learns
of it and is free again after its current iteration. What happens in between is `dispatcher`'s.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Literal

from bridge.admission import Admission
from bridge.at_work import AtWork
from bridge.crash_points import crash_point
from bridge.dispatcher import Dispatcher
from bridge.endings import not_begun, not_ended
from bridge.errors import StoreError
from bridge.job_records import JobRecord
from bridge.job_reports import details_of, summary_of
from bridge.line import Line
from bridge.listeners import Listeners
from bridge.refusals import Refusal
from bridge.result_cache import blobs_of_result
from bridge.storage import Storage
from bridge.store import IDS_DAYS
from bridge.terms import Terms
from plugin_protocol.framing import pack, unpack
from plugin_protocol.messages import JobDetails, JobList, JobState, JobSubmit
from plugin_protocol.messages import Jobs as JobsMessage
from plugin_protocol.rules import blobs_of
from plugin_protocol.values import TERMINAL_STATES, Result, Task

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""How often deadlines, listeners and the line are looked at."""
PLACES_SECONDS = 2.0
LET_GO_SECONDS = 30.0
"""How often blobs of forgotten jobs are looked at while there is work."""


class Jobs:
    """All jobs of this daemon. Every method may raise StoreError; nothing has changed then."""

    def __init__(
        self,
        storage: Storage,
        line: Line,
        dispatcher: Dispatcher,
        *,
        admission: Admission,
        is_heard: Callable[[str], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._store = storage.jobs
        self._line = line
        self._dispatcher = dispatcher
        self._admission = admission
        self._clock = clock
        self._look_at = self._tell_places_at = self._let_go_at = 0.0
        self._forgotten: set[bytes] = set()
        """Blobs that only forgotten jobs have named, as far as is known."""
        bound = [job for job in self._store.unfinished() if self._is_bound(job)]
        self._listeners = Listeners(bound, is_heard=is_heard, clock=clock)

    # ---- asked by clients --------------------------------------------------------------------

    def submit(self, request: JobSubmit, *, owner: str = "", client: str = "") -> JobState:
        """Accept a job, or return the state of the one we have. Raises Refusal."""
        packed = pack(request.task)
        digest = hashlib.sha256(packed).digest()
        known = self._store.get(request.job)
        if known is None and self._store.is_too_old(request.job):
            raise Refusal(
                "GONE",
                f"The job id {request.job} was made more than {IDS_DAYS} days ago, and may have "
                "been used since.",
                "Make a new id for a new job. If this one is new, set the clock of the machine "
                "that made it.",
            )
        if known is None:
            self._accept(request, packed, digest, owner, client)
        elif known.kept == "id":
            raise Refusal(
                "GONE", f"The job {request.job} was forgotten.", "Make a new id for a new job."
            )
        elif known.digest != digest:
            raise Refusal(
                "ID_CONFLICT",
                f"The job id {request.job} is taken by another task.",
                "Make a new id for a new task.",
            )
        return self.state(request.job)

    def state(self, job: str) -> JobState:
        """Return what is known of the job."""
        return self._dispatcher.news.state(job, left=self._dispatcher.left_of(job))

    def owner(self, job: str) -> str | None:
        """Return who submitted the job ("": the daemon's user), None if nobody did."""
        record = self._store.get(job)
        return None if record is None else record.owner

    def details(self, job: str) -> JobDetails:
        """Return all about the job but its result. Raises Refusal."""
        record = self._known(job)
        return details_of(record, ran=self._dispatcher.ran(record))

    def listed(self, request: JobList, *, owner: str | None) -> JobsMessage:
        """Return the jobs that are asked for, of `owner`; None: everybody's."""
        limit = request.limit
        # One more than asked for tells whether there are more.
        records = self._store.newest(
            limit + 1, state=request.state, before=request.before, owner=owner
        )
        summaries = tuple(summary_of(record) for record in records[:limit])
        return JobsMessage(re=request.i, jobs=summaries, more=len(records) > limit)

    def cancel(self, job: str, mode: Literal["stop", "finish"], *, cause: str = "asked") -> bool:
        """End the job; return whether there was anything to end. Raises Refusal."""
        record = self._known(job)
        if record.state in TERMINAL_STATES or (mode == "finish" and record.finish):
            return False
        if mode == "finish":
            self._store.ask_to_finish(job, cause=cause)
        else:
            self._store.cancel(job, ran=self._dispatcher.ran(record), cause=cause)
        self._end(job, mode)
        log.info("cancel", extra={"job": job, "mode": mode, "cause": cause})
        return True

    def allow_previews(self, job: str, more: int) -> bool:
        """Let more previews be sent; False where the job is over. Raises Refusal."""
        if self._known(job).state in TERMINAL_STATES:
            return False
        self._dispatcher.allow_previews(job, more)
        return True

    def acknowledge(self, job: str) -> bool:
        """Note that the result is safely received; return whether that is new. Raises Refusal."""
        record = self._store.get(job)
        if record is not None and record.kept == "id":
            return False
        record = self._known(job)
        if record.state not in TERMINAL_STATES or record.acked:
            return False
        terms = Terms.read(record.terms)
        if terms.private:
            self._forget(record, also_its_inputs=True)
        else:
            self._store.acknowledge(job, keep_seconds=terms.seconds_after_receipt)
        return True

    def forget(self, job: str) -> bool:
        """Remove a job that is over; return whether there was anything to do. Raises Refusal."""
        record = self._store.get(job)
        if record is None or record.kept == "id":
            return False
        if record.state not in TERMINAL_STATES:
            raise Refusal("NOT_OVER", f"The job {job} is not over.", "Cancel it first.")
        self._forget(record, also_its_inputs=False)
        return True

    def client_left(self, jobs: Iterable[str]) -> None:
        """A client that listened to these jobs has said goodbye."""
        for job in self._listeners.left(jobs):
            self._abandon(job)

    @property
    def queued(self) -> int:
        """How many jobs wait."""
        return len(self._line)

    def numbers(self) -> dict[str, float]:
        """Return how many jobs wait of each class, by the name of the metric."""
        return {f"jobs_queued_{each}": n for each, n in self._line.count_by_class().items()}

    # ---- now and then ------------------------------------------------------------------------

    def discard_forgotten(self) -> None:
        """Remove the blobs of forgotten jobs, as soon as no worker may be making the same again."""
        is_anybody_at_work, now = bool(self._dispatcher.at_work), self._clock()
        if self._forgotten and not (is_anybody_at_work and now < self._let_go_at):
            self._let_go_at = now + LET_GO_SECONDS
            self._forgotten = self._storage.garbage.let_go_of(
                self._forgotten, is_anybody_at_work=is_anybody_at_work
            )

    def look(self) -> None:
        """Attend to deadlines, to jobs that nobody listens to, and to the line."""
        now = self._clock()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        for job in self._line.overdue():
            self._expire_waiting(job)
        for at_work in self._dispatcher.at_work.values():
            self._attend_to_time(at_work)
        for job in self._listeners.abandoned():
            self._abandon(job)
        self._dispatcher.preempt_if_due()
        if now >= self._tell_places_at:
            self._tell_places_at = now + PLACES_SECONDS
            self._dispatcher.news.tell_places()
            self._note_time()

    # ---- inside ------------------------------------------------------------------------------

    def _accept(
        self, request: JobSubmit, packed: bytes, digest: bytes, owner: str, client: str
    ) -> None:
        job, known_result = self._admission.admit(
            request,
            packed=packed,
            digest=digest,
            owner=owner,
            client=client,
            seconds_until_room=max(1.0, min(self._dispatcher.left)),
        )
        self._store.accept(job, known_result)
        crash_point("after_insert")
        record = self._store.get(job.id)
        if record is not None and known_result is None:
            self._line.join(record)
            self._dispatcher.news.has_joined(job.id)
            self._tell_places_at = 0.0
            if request.on_disconnect == "cancel":
                self._listeners.add(job.id)
        log.info("accepted", extra={"job": job.id, "kind": job.kind})

    def _end(self, job: str, mode: Literal["stop", "finish"]) -> None:
        """Make known what the store says already."""
        self._dispatcher.halt(job, mode)
        if mode == "stop":
            self._listeners.drop(job)
            self._dispatcher.news.tell_state(job)
            self._tell_places_at = 0.0

    def _expire_waiting(self, job: str) -> None:
        record = self._known(job)
        failure = not_begun(Terms.read(record.terms).queue_ttl or 0.0)
        self._store.fail(job, pack(failure), ran=record.ran, cause="deadline")
        self._end(job, "stop")

    def _attend_to_time(self, at_work: AtWork) -> None:
        if not at_work.is_overdue:
            return
        if at_work.terms.on_deadline == "best":
            self.cancel(at_work.job, "finish", cause="deadline")
        else:
            failure = not_ended(at_work.terms.run_ttl or 0.0)
            self._store.fail(at_work.job, pack(failure), ran=at_work.ran, cause="deadline")
            self._end(at_work.job, "stop")

    def _note_time(self) -> None:
        """Let the time that jobs may run be counted on after a crash."""
        for at_work in self._dispatcher.at_work.values():
            if not at_work.is_over and at_work.terms.run_ttl is not None:
                # What is wrong with the disk will show where it matters: at the next transition.
                with suppress(StoreError):
                    self._store.note_ran(at_work.job, at_work.ran)

    def _abandon(self, job: str) -> None:
        self._listeners.drop(job)
        record = self._store.get(job)
        if record is not None and record.state not in TERMINAL_STATES:
            try:
                self.cancel(job, "stop", cause="disconnected")
            except StoreError:
                self._listeners.add(job)
                raise

    def _forget(self, record: JobRecord, *, also_its_inputs: bool) -> None:
        result = unpack(record.result, Result) if record.result else None
        blobs = frozenset(blobs_of_result(result)) if result else frozenset()
        if also_its_inputs:
            blobs |= blobs_of(unpack(record.task, Task))
        self._store.forget(record.id)
        self._forgotten |= blobs
        if also_its_inputs:
            self._storage.drop_previews()
        self.discard_forgotten()

    def _is_bound(self, job: str) -> bool:
        """Whether the job ends with its client."""
        record = self._store.get(job)
        return record is not None and Terms.read(record.terms).on_disconnect == "cancel"

    def _known(self, job: str) -> JobRecord:
        record = self._store.get(job)
        if record is None or record.kept == "id":
            raise Refusal(
                "UNKNOWN_JOB", f"There is no job {job}.", "`ditto status` lists the jobs."
            )
        return record
