"""One job at a time into each worker, and what becomes of it there.

Whose turn it is, the line says. Where no worker is free, a batch job gives way to an interactive
one: its worker writes its checkpoint and takes the other, and the batch job goes on later, there or
elsewhere, as if nothing had been. Any method may raise StoreError; then nothing has happened, and
it can be called again.
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
from bridge.crew import Crew
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


class Dispatcher:
    """Between the line and the workers."""

    def __init__(
        self,
        storage: Storage,
        line: Line,
        *,
        pace: Pace,
        cache: ResultCache,
        checkpoints: Path,
        crew: Crew,
        tell: Tell,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._store = storage.jobs
        self._line = line
        self._pace = pace
        self._cache = cache
        self._checkpoints = checkpoints
        self._crew = crew
        self._clock = clock
        self.news = News(storage.jobs, line, busy=lambda: self.left, tell=tell, clock=clock)
        self.at_work: dict[str, AtWork] = {}
        """By id, one for each busy worker, the oldest first. It may be over for everybody else."""
        self._favored: list[str] = []
        """For whose sake others give way."""
        self._preview_credit: dict[str, int] = {}

    @property
    def in_worker(self) -> str:
        """The id of the job that is in a worker for longest, "" if none is."""
        return next(iter(self.at_work), "")

    @property
    def busy(self) -> dict[WorkerLink, AtWork]:
        """The workers that have a job."""
        return {at_work.worker: at_work for at_work in self.at_work.values()}

    @property
    def left(self) -> list[float]:
        """Seconds until each worker is free, as far as is known."""
        busy = self.busy
        return [busy[each].left if each in busy else 0.0 for each in self._crew.workers]

    def left_of(self, job: str) -> float | None:
        """Return the seconds that the job will run yet, None if it does not run."""
        at_work = self.at_work.get(job)
        return at_work.left if at_work else None

    def ran(self, record: JobRecord) -> float:
        """Return the seconds that the job has run, all attempts together."""
        at_work = self._active(record.id)
        return at_work.ran if at_work else record.ran

    # ---- to the workers ----------------------------------------------------------------------

    def dispatch(self) -> None:
        """Give the jobs whose turn it is to the workers that can take one."""
        while len(self._line) and (free := self._crew.free(self.busy)):
            self._hand_over(free)

    def _hand_over(self, free: list[WorkerLink]) -> None:
        favored = next((job for job in self._favored if job in self._line), "")
        entry = self._line.next(favored=favored)
        record = self._store.get(entry.job) if entry else None
        if entry is None or record is None:
            return
        terms, task = Terms.read(record.terms), unpack(record.task, Task)
        # The first of those that need not load the model; one that rests before one that loads.
        worker = max(free, key=lambda each: (each.has(task.model), each.state == "idle"))
        try:
            self._store.start(entry.job, waited=self._line.waited(entry))
        except StoreError:
            self._line.join(record)
            raise
        crash_point("after_start_commit")
        self._favored = [job for job in self._favored if job in self._line]
        self.at_work[entry.job] = AtWork(
            entry.job,
            worker,
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
        self.news.tell_state(entry.job, left=self.left_of(entry.job))
        self.news.pass_on(JobProgress(job=entry.job, phase="loading"))
        worker.send(Work(job=entry.job, task=task, previews=record.previews, finish=record.finish))

    def halt(self, job: str, mode: Literal["stop", "finish"]) -> None:
        """End the job in its worker or in the line; it is over already, or asked to finish."""
        if at_work := self.at_work.get(job):
            at_work.is_ending = True
            at_work.is_over = at_work.is_over or mode == "stop"
            at_work.worker.send(Halt(job=job, mode=mode))
        elif mode == "stop":
            self._clear(job)

    def preempt_if_due(self) -> None:
        """Let the longest batch job give way to an interactive one that no worker is free for."""
        urgent = self._line.first_of("interactive", besides=self._favored)
        may_yield = [at_work for at_work in self.at_work.values() if at_work.may_yield]
        if urgent and may_yield and not self._crew.free(self.busy):
            longest = max(may_yield, key=lambda at_work: at_work.left)
            longest.is_yielding = True
            self._favored.append(urgent)
            log.info("gives way", extra={"job": longest.job, "to": urgent})
            longest.worker.send(Yield(job=longest.job))

    def allow_previews(self, job: str, more: int) -> None:
        """Let so many more previews of a job that is not over be sent, if its credit is limited."""
        record = self._store.get(job)
        limit = Terms.read(record.terms).preview_credit if record else None
        if limit is not None:
            self._preview_credit[job] = self._preview_credit.get(job, limit) + more

    # ---- from the workers --------------------------------------------------------------------

    def hear(self, message: FromWorker) -> None:
        """Act on what a worker says."""
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
                self._end(job, lambda it: self._store.fail(job, pack(failure), ran=self.ran(it)))
            case Halted(job=job):
                self._end(job, lambda it: self._store.cancel(job, ran=self.ran(it), cause="asked"))
            case Yielded(job=job):
                self._give_way(job)

    def mourn(self, worker: WorkerLink, *, was_ready: bool) -> None:
        """The worker is dead: put its job back into the queue, or give it up."""
        at_work = self.busy.get(worker)
        # Workers that die before they can take a job would else keep the queue waiting for ever.
        is_hopeless = not was_ready and not self._crew.is_ready
        job = at_work.job if at_work else self._line.oldest() if is_hopeless else ""
        record = self._store.get(job) if job else None
        if record is not None and record.state not in TERMINAL_STATES:
            self._bring_back(record)
        elif record is not None:
            self._clear(job)
        self.at_work.pop(job, None)
        self.news.line_has_moved()
        if record is not None and record.state not in TERMINAL_STATES:
            self.news.tell_state(job)

    # ---- inside ------------------------------------------------------------------------------

    def _begin(self, job: str) -> None:
        at_work = self._active(job)
        if at_work is None:
            return
        at_work.begin()
        if self._store.state_of(job) == "loading":
            self._store.set_running(job)
            self.news.tell_state(job, left=at_work.left)

    def _on_progress(self, message: JobProgress) -> None:
        if at_work := self._active(message.job):
            at_work.expect(message.eta_seconds)
            self.news.pass_on(message)

    def _on_preview(self, message: JobPreview) -> None:
        credit = self._preview_credit.get(message.job)
        if credit != 0 and self._active(message.job):
            if credit is not None:
                credit = self._preview_credit[message.job] = credit - 1
            self.news.pass_on(replace(message, credit=credit))

    def _end(self, job: str, write: Callable[[JobRecord], None]) -> None:
        at_work = self.at_work.get(job)
        if at_work is None:
            return
        record = self._store.get(job)
        is_news = record is not None and not at_work.is_over
        if record is not None and is_news:
            write(record)
            crash_point("after_end_commit")
        del self.at_work[job]
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
        self._store.finish(record.id, made, ran=self.ran(record))
        if is_complete_one:
            self._pace.observe(task.model, work=record.work, seconds=result.compute_seconds)
            self._line.reckon_anew()

    def _give_way(self, job: str) -> None:
        at_work = self.at_work.get(job)
        if at_work is None:
            return
        if not at_work.is_over:
            self._store.requeue(job, cause="preempted", ran=at_work.ran)
            self._wait_again(job)
        else:
            self._clear(job)
        del self.at_work[job]
        if job in self._line:
            self.news.tell_state(job)

    def _bring_back(self, record: JobRecord) -> None:
        """Queue the job of a worker that has died, or give it up after too many deaths."""
        job, crashes = record.id, record.crashes + 1
        log.warning("the worker died", extra={"job": job, "crashes": crashes})
        if crashes >= CRASHES:
            self._store.fail(job, pack(CRASHED), ran=self.ran(record), cause="worker")
            self._clear(job)
        else:
            self._store.requeue(job, cause="worker", ran=self.ran(record), crashed=True)
            self._wait_again(job)

    def _wait_again(self, job: str) -> None:
        record = self._store.get(job)
        if record is not None and job not in self._line:
            self._line.join(record)
            self.news.line_has_moved()

    def _active(self, job: str) -> AtWork | None:
        """Return the job if its worker may still have a say in it."""
        at_work = self.at_work.get(job)
        return None if at_work is None or at_work.is_over else at_work

    def _clear(self, job: str) -> None:
        """Leave nothing of a job that is over in memory or on the way."""
        self._line.leave(job)
        self._preview_credit.pop(job, None)
        self.news.line_has_moved()
        # The job's end is written down and must be told; a file that stays is swept at a start.
        with suppress(OSError):
            checkpoint_file(self._checkpoints, job).unlink()
