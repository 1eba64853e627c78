"""The life of a job: queued -> loading -> running -> done, failed or cancelled.

Everything is in the store before anybody hears of it, the worker included. A cancelled job is over
at once for everybody; the worker learns of it and is free again after its current iteration.
"""

import hashlib
import logging
from collections.abc import Callable
from typing import Literal, Protocol

from bridge.acceptance import check_task
from bridge.blobs import BlobStore
from bridge.crash_points import crash_point
from bridge.paths import Paths, checkpoint_file
from bridge.pipe import Failed, Finished, FromWorker, Halt, Halted, Started, Work
from bridge.refusals import Refusal
from bridge.store import JobRecord, Store
from bridge.worker_link import WorkerLink
from plugin_protocol.framing import pack, unpack
from plugin_protocol.messages import (
    FromDaemon,
    JobList,
    JobPreview,
    JobProgress,
    JobState,
    JobSubmit,
    JobSummary,
)
from plugin_protocol.messages import Jobs as JobsMessage
from plugin_protocol.rules import kinds_of, tag_of
from plugin_protocol.values import TERMINAL_STATES, Failure, Result, Task

log = logging.getLogger(__name__)

CRASHES = 3
"""A job that has taken the worker down so often is not tried again."""
CRASHED = Failure(
    code="WORKER_CRASHED",
    message=f"The worker died {CRASHES} times over this job.",
    hint="Try a shorter clip or fewer takes; the end of worker.log in the daemon's log folder "
    "may say why.",
)


class Tell(Protocol):
    """Sends a message to everybody who listens to a job."""

    def __call__(self, job: str, message: FromDaemon, *, topic: str = "") -> None:
        """Send; a newer message on the same topic replaces one that still waits."""
        ...


class Jobs:
    """All jobs of this daemon, and the one that is in the worker."""

    def __init__(
        self, store: Store, blobs: BlobStore, paths: Paths, *, worker: WorkerLink, tell: Tell
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._checkpoints = paths.checkpoints
        self._worker = worker
        self._tell = tell
        self.in_worker = ""
        """The job the worker is busy with, which may be over for everybody else."""
        # Spares the store a question in every round of the front's loop.
        self._may_be_waiting = True
        self._sweep()

    # ---- asked by clients --------------------------------------------------------------------

    def submit(self, request: JobSubmit) -> JobState:
        """Accept a job, or return the state of the one we have. Raises Refusal."""
        task = pack(request.task)
        digest = hashlib.sha256(task).digest()
        known = self._store.get(request.job)
        if known is None:
            check_task(request.task, self._blobs, request.tags)
            (objective,) = kinds_of(request.task)
            kind = tag_of(objective)
            self._store.accept(
                request.job, kind=kind, task=task, digest=digest, previews=request.previews
            )
            crash_point("after_insert")
            self._may_be_waiting = True
            log.info("accepted", extra={"job": request.job, "kind": kind})
        elif known.digest != digest:
            raise Refusal(
                "ID_CONFLICT",
                f"The job id {request.job} is taken by another task.",
                "Make a new id for a new task.",
            )
        return self.state(request.job)

    def state(self, job: str) -> JobState:
        """Return what is known of the job."""
        record = self._store.get(job)
        return JobState(job=job, state="unknown") if record is None else self._state(record)

    def cancel(self, job: str, mode: Literal["stop", "finish"]) -> bool:
        """End the job; return whether there was anything to end. Raises Refusal."""
        record = self._known(job)
        if record.state in TERMINAL_STATES or (mode == "finish" and record.finish):
            return False
        if mode == "finish":
            self._store.ask_to_finish(job)
        else:
            self._store.cancel(job)
            self._tell_state(job)
        if self.in_worker == job:
            self._worker.send(Halt(job=job, mode=mode))
        elif mode == "stop":
            self._remove_checkpoint(job)
        log.info("cancel", extra={"job": job, "mode": mode})
        return True

    def acknowledge(self, job: str) -> None:
        """Note that the result is safely received. Raises Refusal."""
        self._known(job)
        self._store.acknowledge(job)

    def listed(self, request: JobList) -> JobsMessage:
        """Return the jobs that are asked for."""
        limit = request.limit
        # One more than asked for tells whether there are more.
        records = self._store.newest(limit + 1, state=request.state, before=request.before)
        return JobsMessage(
            re=request.i,
            jobs=tuple(
                JobSummary(job=r.id, state=r.state, kind=r.kind, created_ms=r.created_ms)  # type: ignore[arg-type]
                for r in records[:limit]
            ),
            more=len(records) > limit,
        )

    @property
    def queued(self) -> int:
        """How many jobs wait."""
        return self._store.count_queued()

    # ---- the worker --------------------------------------------------------------------------

    def dispatch(self) -> None:
        """Give the worker the job that has waited longest, if it can take one."""
        if self.in_worker or not self._may_be_waiting or not self._worker.is_ready:
            return
        record = self._store.next_queued()
        if record is None:
            self._may_be_waiting = False
            return
        self._store.start(record.id)
        crash_point("after_start_commit")
        self.in_worker = record.id
        self._tell_state(record.id)
        self._tell(record.id, JobProgress(job=record.id, phase="loading"))
        task = unpack(record.task, Task)
        self._worker.send(
            Work(job=record.id, task=task, previews=record.previews, finish=record.finish)
        )

    def hear(self, message: FromWorker) -> None:
        """Act on what the worker says."""
        match message:
            case JobProgress() | JobPreview():
                self._pass_on(message)
            case Started(job=job):
                if self._is_active(job):
                    self._store.set_running(job)
                    self._tell_state(job)
            case Finished(job=job, result=result):
                self._end(job, lambda: self._store.finish(job, pack(result)))
            case Failed(job=job, failure=failure):
                self._end(job, lambda: self._store.fail(job, pack(failure)))
            case Halted(job=job):
                self._end(job, lambda: self._store.cancel(job))

    def mourn(self, *, was_ready: bool) -> None:
        """The worker is dead: put its job back into the queue, or give it up."""
        # One that dies before it can take a job would otherwise keep the queue waiting for ever.
        waiting = None if was_ready or self.in_worker else self._store.next_queued()
        job = waiting.id if waiting else self.in_worker
        self.in_worker = ""
        record = self._store.get(job) if job else None
        if record is None:
            return
        if record.state in TERMINAL_STATES:
            self._remove_checkpoint(job)
            return
        log.warning("the worker died", extra={"job": job, "crashes": record.crashes + 1})
        if record.crashes + 1 >= CRASHES:
            self._store.fail(job, pack(CRASHED))
            self._remove_checkpoint(job)
        else:
            self._store.requeue(job, crashed=True)
            self._may_be_waiting = True
        self._tell_state(job)

    # ---- inside ------------------------------------------------------------------------------

    def _pass_on(self, message: JobProgress | JobPreview) -> None:
        if self._is_active(message.job):
            topic = f"{type(message).__name__} {message.job}"
            self._tell(message.job, message, topic=topic)

    def _end(self, job: str, record_it: Callable[[], None]) -> None:
        if self._is_active(job):
            record_it()
            crash_point("after_end_commit")
            self._tell_state(job)
        if job == self.in_worker:
            self.in_worker = ""
        self._remove_checkpoint(job)

    def _is_active(self, job: str) -> bool:
        """Whether the worker may still have a say in the job."""
        if job != self.in_worker:
            return False
        record = self._store.get(job)
        return record is not None and record.state not in TERMINAL_STATES

    def _known(self, job: str) -> JobRecord:
        record = self._store.get(job)
        if record is None:
            raise Refusal("UNKNOWN_JOB", f"There is no job {job}.")
        return record

    def _state(self, record: JobRecord) -> JobState:
        is_queued = record.state == "queued"
        return JobState(
            job=record.id,
            state=record.state,  # type: ignore[arg-type]
            ev=record.ev,
            attempt=record.attempt,
            ahead=self._store.count_queued(before=record.number) if is_queued else 0,
            result=unpack(record.result, Result) if record.result else None,
            failure=unpack(record.failure, Failure) if record.failure else None,
        )

    def _tell_state(self, job: str) -> None:
        state = self.state(job)
        log.info("state", extra={"job": job, "state": state.state, "attempt": state.attempt})
        self._tell(job, state)

    def _remove_checkpoint(self, job: str) -> None:
        checkpoint_file(self._checkpoints, job).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove checkpoints that a crash has left of jobs that are over."""
        unfinished = self._store.unfinished()
        for file in self._checkpoints.iterdir():
            if file.suffix != ".safetensors" or file.stem not in unfinished:
                file.unlink()
