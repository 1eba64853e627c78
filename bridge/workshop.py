"""All that is done about jobs, put together: asked by clients, given to workers, kept in order.

News of a worker that cannot be written down, for the disk is full, waits here until it can; so
does everything after it. Meanwhile clients are answered, and nothing new is begun.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from bridge.admission import Admission
from bridge.costs import Pace
from bridge.crew import Crew
from bridge.dispatcher import Dispatcher
from bridge.endings import UNREADABLE
from bridge.errors import DamagedStoreError, StoreError
from bridge.job_records import JobRecord
from bridge.jobs import Jobs
from bridge.line import Line
from bridge.news import Tell
from bridge.paths import Paths
from bridge.pipe import FromWorker, WorkerState
from bridge.quotas import Quotas
from bridge.result_cache import ResultCache
from bridge.storage import Storage
from bridge.terms import Terms
from bridge.worker_link import WorkerLink
from plugin_protocol.framing import BadMessageError, pack, unpack
from plugin_protocol.messages import JobPreview, JobProgress
from plugin_protocol.values import Result, Task

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
JOBS_LEARNT_FROM = 100


class Workshop:
    """Jobs and their dispatcher. One thread; nothing here raises StoreError but for damage."""

    def __init__(
        self,
        storage: Storage,
        paths: Paths,
        *,
        crew: Crew,
        tell: Tell,
        is_heard: Callable[[str], bool],
        quotas: Quotas,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._unwritten: deque[Callable[[], None]] = deque()
        self._retry_at = 0.0
        self._cache = ResultCache(storage.jobs, storage.blobs)
        pace = _pace_so_far(storage)
        line = Line(_readable(storage), pace, clock=clock)
        self.dispatcher = Dispatcher(
            storage,
            line,
            pace=pace,
            cache=self._cache,
            checkpoints=paths.checkpoints,
            crew=crew,
            tell=tell,
            clock=clock,
        )
        self.jobs = Jobs(
            storage,
            line,
            self.dispatcher,
            admission=Admission(storage, line, self._cache, quotas),
            is_heard=is_heard,
            clock=clock,
        )

    def hear(self, message: FromWorker) -> None:
        """Act on what a worker says, now or as soon as it can be written down."""
        if isinstance(message, WorkerState):
            self._cache.learn(engine=message.engine, models=message.digests)
        if self._unwritten and isinstance(message, JobProgress | JobPreview):
            return  # there will be newer ones when the disk has room
        self._do(partial(self.dispatcher.hear, message))

    def mourn(self, worker: WorkerLink, *, was_ready: bool) -> None:
        """Act on a worker's death, now or as soon as it can be written down."""
        self._do(partial(self.dispatcher.mourn, worker, was_ready=was_ready))

    def park(self) -> None:
        """The daemon leaves and the workers have: let their jobs go on where they were parked."""
        for at_work in self.dispatcher.at_work.values():
            if not at_work.is_over:
                # Where it cannot be written, the job begins another attempt, as after a crash.
                with suppress(StoreError):
                    self._storage.jobs.requeue(at_work.job, cause="daemon", ran=at_work.ran)

    def attend(self) -> None:
        """Do what is due: what could not be written, the next job, deadlines, garbage."""
        self._try(
            self._catch_up,
            self.jobs.discard_forgotten,
            self.dispatcher.dispatch,
            self.jobs.look,
            self._storage.garbage.tidy,
            self._storage.database.recover,
        )

    def _do(self, act: Callable[[], None]) -> None:
        self._unwritten.append(act)
        self._try(self._catch_up)

    def _catch_up(self) -> None:
        while self._unwritten:
            self._unwritten[0]()
            self._unwritten.popleft()

    def _try(self, *acts: Callable[[], None]) -> None:
        if self._clock() < self._retry_at:
            return
        try:
            for act in acts:
                act()
        except DamagedStoreError:
            raise
        except (StoreError, OSError):
            # Said once: a full disk is not to be filled with complaints.
            if not self._retry_at:
                log.exception("the disk does not take what must be written; trying again")
            self._retry_at = self._clock() + RETRY_SECONDS
        else:
            self._retry_at = 0.0


def _readable(storage: Storage) -> list[JobRecord]:
    """Return the jobs that wait. One that this version cannot read fails; it blocks nobody."""
    readable = []
    for record in storage.jobs.waiting():
        try:
            unpack(record.task, Task)
            Terms.read(record.terms)
        except BadMessageError:
            log.exception("a job cannot be read", extra={"job": record.id})
            storage.jobs.fail(record.id, pack(UNREADABLE), ran=record.ran)
        else:
            readable.append(record)
    return readable


def _pace_so_far(storage: Storage) -> Pace:
    pace = Pace()
    for record in reversed(storage.jobs.finished(JOBS_LEARNT_FROM)):
        with suppress(BadMessageError):  # an old one, that this version cannot read
            seconds = unpack(record.result or b"", Result).compute_seconds
            pace.observe(unpack(record.task, Task).model, work=record.work, seconds=seconds)
    return pace
