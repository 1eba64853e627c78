"""One job at a time into the worker, and what becomes of it there.

Whose turn it is, the line says. A batch job gives way to an interactive one: the worker writes its
checkpoint and takes the other, and the batch job goes on later as if nothing had been. Any method
may raise StoreError; then nothing has happened, and it can be called again.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from bridge.at_work import AtWork
from bridge.costs import Pace
from bridge.crash_points import crash_point
from bridge.endings import CRASHED, CRASHES, as_ended
from bridge.errors import StoreError
from bridge.job_records import JobRecord, MadeResult
from bridge.line import Line
from bridge.news import News, Tell
from bridge.paths import checkpoint_file
from bridge.pipe import Failed, Finished, FromWorker, Halt, Halted, Started, Work, Yield, Yielded
from bridge.result_cache import ResultCache, blobs_of_result, is_complete
from bridge.storage import Storage
from bridge.terms import Terms
from bridge.worker_link import WorkerLink
from plugin_protocol.framing import pack, unpack
from plugin_protocol.messages import JobPreview, JobProgress
from plugin_protocol.values import TERMINAL_STATES, Result, Task

log = logging.getLogger(__name__)

PREEMPTED = "preempted"


class Dispatcher:
    """Between the line and the worker."""

    def __init__(
        self,
        storage: Storage,
        line: Line,
        *,
        pace: Pace,
        cache: ResultCache,
        checkpoints: Path,
        worker: WorkerLink,
        tell: Tell,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._store = storage.jobs
        self._line = line
        self._pace = pace
        self._cache = cache
        self._checkpoints = checkpoints
        self._worker = worker
        self._clock = clock
        self.news = News(storage.jobs, line, busy=lambda: self.left, tell=tell, clock=clock)
        self.at_work: AtWork | None = None
        """What the worker is busy with, which may be over for everybody else."""
        self._favored = ""
        """For whose sake another job gives way."""
        self._preview_credit: dict[str, int] = {}

    @property
    def in_worker(self) -> str:
        """The id of the job in the worker, "" if there is none."""
        return self.at_work.job if self.at_work else ""

    @property
    def left(self) -> float:
        """Seconds until the worker is free, as far as is known."""
        return self.at_work.left if self.at_work and not self.at_work.is_over else 0.0

    def left_of(self, job: str) -> float | None:
        """Return the seconds that the job will run yet, None if it does not run."""
        return self.left if job == self.in_worker else None

    # ---- to the worker -----------------------------------------------------------------------

    def dispatch(self) -> None:
        """Give the worker the job whose turn it is, if it can take one."""
        if self.at_work or not len(self._line) or not self._worker.is_ready:
            return
        entry = self._line.next(favored=self._favored)
        record = self._store.get(entry.job) if entry else None
        if entry is None or record is None:
            return
        terms, task = Terms.read(record.terms), unpack(record.task, Task)
        try:
            self._store.start(
                entry.job,
                waited=self._line.waited(entry),
                is_new_attempt=record.cause != PREEMPTED,
            )
        except StoreError:
            self._line.join(record)
            raise
        crash_point("after_start_commit")
        self._favored = ""
        self.at_work = AtWork(
            entry.job,
            terms,
            entry.cost,
            gives_way=self._line.priority_of(entry) == "batch",
            ran_before=record.ran,
            is_ending=record.finish,
            clock=self._clock,
        )
        if terms.preview_credit is not None:
            self._preview_credit.setdefault(entry.job, terms.preview_credit)
        self.news.line_has_moved()
        self.news.tell_state(entry.job, left=self.left)
        self.news.pass_on(JobProgress(job=entry.job, phase="loading"))
        self._worker.send(
            Work(job=entry.job, task=task, previews=record.previews, finish=record.finish)
        )

    def halt(self, job: str, mode: Literal["stop", "finish"]) -> None:
        """End the job in the worker or in the line; it is over already, or asked to finish."""
        at_work = self.at_work
        if at_work and at_work.job == job:
            at_work.is_ending = True
            at_work.is_over = at_work.is_over or mode == "stop"
            self._worker.send(Halt(job=job, mode=mode))
        elif mode == "stop":
            self._clear(job)

    def preempt_if_due(self) -> None:
        """Let a batch job give way to an interactive one that waits."""
        urgent = self._line.first_of("interactive")
        if urgent and self.at_work and self.at_work.may_yield:
            self.at_work.is_yielding = True
            self._favored = urgent.job
            log.info("gives way", extra={"job": self.at_work.job, "to": urgent.job})
            self._worker.send(Yield(job=self.at_work.job))

    def allow_previews(self, job: str, more: int) -> None:
        """Let so many more previews of a job that is not over be sent, if its credit is limited."""
        record = self._store.get(job)
        limit = Terms.read(record.terms).preview_credit if record else None
        if limit is not None:
            self._preview_credit[job] = self._preview_credit.get(job, limit) + more

    # ---- from the worker ---------------------------------------------------------------------

    def hear(self, message: FromWorker) -> None:
        """Act on what the worker says."""
        match message:
            case JobProgress():
                self._on_progress(message)
            case JobPreview():
                self._on_preview(message)
            case Started(job=job):
                self._begin(job)
            case Finished(job=job, result=result):
                self._end(job, lambda record: self._finish(record, result))
            case Failed(job=job, failure=failure):
                self._end(job, lambda _: self._store.fail(job, pack(failure)))
            case Halted(job=job):
                self._end(job, lambda _: self._store.cancel(job, cause="asked"))
            case Yielded(job=job):
                self._give_way(job)

    def mourn(self, *, was_ready: bool) -> None:
        """The worker is dead: put its job back into the queue, or give it up."""
        # One that dies before it can take a job would otherwise keep the queue waiting for ever.
        job = self.in_worker or ("" if was_ready else self._line.oldest())
        record = self._store.get(job) if job else None
        if record is not None and record.state not in TERMINAL_STATES:
            self._bring_back(record)
        elif record is not None:
            self._clear(job)
        self.at_work = None
        self.news.line_has_moved()
        if record is not None and record.state not in TERMINAL_STATES:
            self.news.tell_state(job)

    # ---- inside ------------------------------------------------------------------------------

    def _begin(self, job: str) -> None:
        if self.at_work is None or not self._is_active(job):
            return
        self.at_work.begin()
        if self._store.state_of(job) == "loading":
            self._store.set_running(job)
            self.news.tell_state(job, left=self.left)

    def _on_progress(self, message: JobProgress) -> None:
        if self.at_work and self._is_active(message.job):
            self.at_work.expect(message.eta_seconds)
            self.news.pass_on(message)

    def _on_preview(self, message: JobPreview) -> None:
        credit = self._preview_credit.get(message.job)
        if credit != 0 and self._is_active(message.job):
            if credit is not None:
                credit = self._preview_credit[message.job] = credit - 1
            self.news.pass_on(replace(message, credit=credit))

    def _end(self, job: str, write: Callable[[JobRecord], None]) -> None:
        if self.at_work is None or job != self.in_worker:
            return
        record = self._store.get(job)
        is_news = record is not None and not self.at_work.is_over
        if record is not None and is_news:
            write(record)
            crash_point("after_end_commit")
        self.at_work = None
        self._clear(job)
        if is_news:
            self.news.tell_state(job)

    def _finish(self, record: JobRecord, result: Result) -> None:
        task = unpack(record.task, Task)
        is_complete_one = is_complete(result, task) and not record.finish
        is_shared = is_complete_one and not Terms.read(record.terms).private
        key = self._cache.key(record.digest, task.model) if is_shared else None
        blobs = {sha: self._storage.blobs.size(sha) or 0 for sha in blobs_of_result(result)}
        made = MadeResult(pack(as_ended(result, record)), blobs, key)
        self._store.finish(record.id, made, ran=self.at_work.ran if self.at_work else record.ran)
        if is_complete_one:
            self._pace.observe(task.model, work=record.work, seconds=result.compute_seconds)
            self._line.reckon_anew()

    def _give_way(self, job: str) -> None:
        if self.at_work is None or job != self.in_worker:
            return
        if not self.at_work.is_over:
            self._store.requeue(job, cause=PREEMPTED, ran=self.at_work.ran)
            self._wait_again(job)
        else:
            self._clear(job)
        self.at_work = None
        if job in self._line:
            self.news.tell_state(job)

    def _bring_back(self, record: JobRecord) -> None:
        """Queue the job of a worker that has died, or give it up after too many deaths."""
        job, crashes = record.id, record.crashes + 1
        log.warning("the worker died", extra={"job": job, "crashes": crashes})
        if crashes >= CRASHES:
            self._store.fail(job, pack(CRASHED), cause="worker")
            self._clear(job)
        else:
            ran = self.at_work.ran if self.at_work else record.ran
            self._store.requeue(job, cause="worker", ran=ran, crashed=True)
            self._wait_again(job)

    def _wait_again(self, job: str) -> None:
        record = self._store.get(job)
        if record is not None and job not in self._line:
            self._line.join(record)
            self.news.line_has_moved()

    def _is_active(self, job: str) -> bool:
        """Whether the worker may still have a say in the job."""
        return job == self.in_worker and self.at_work is not None and not self.at_work.is_over

    def _clear(self, job: str) -> None:
        """Leave nothing of a job that is over in memory or on the way."""
        self._line.leave(job)
        self._preview_credit.pop(job, None)
        self.news.line_has_moved()
        # The job's end is written down and must be told; a file that stays is swept at a start.
        with suppress(OSError):
            checkpoint_file(self._checkpoints, job).unlink()
