"""Tells whether the worker still makes progress with its job, or hangs and must be killed.

Between two iterations it may be silent for ten times as long as they usually take, and for 30 s in
any case. Where nothing says how long things take (loading, listening, the first iteration,
decoding) it may be silent for five minutes.
"""

import statistics
import time
from collections import deque
from collections.abc import Callable

from bridge.pipe import FromWorker, Work, WorkerState
from plugin_protocol.messages import JobProgress

TIMES_MEDIAN = 10
UNKNOWN_FACTOR = 10
"""Of the patience between iterations, where there are none."""
LONGEST_LOOK = 1.0
"""Seconds that one look counts for at most: where we were stopped ourselves (Ctrl-Z, a sleeping
machine), so was the worker, or what it said still waits for us."""
INTERVALS = 64


class Watchdog:
    """`hear` all that is said to and by the worker, `look` at least once a second."""

    def __init__(self, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._looked_at = clock()
        self._intervals: deque[float] = deque(maxlen=INTERVALS)
        self._progress: JobProgress | None = None
        self._stepped_at: float | None = None
        self.silence = 0.0
        """Seconds since the worker last said something about its job."""
        self.job = ""
        """What it works on, "" where it rests."""

    @property
    def step(self) -> int:
        """The job's last iteration."""
        return self._progress.step if self._progress else 0

    @property
    def steps(self) -> int:
        """All iterations of the job."""
        return self._progress.steps if self._progress else 0

    @property
    def step_age(self) -> float | None:
        """Seconds since the last iteration, None before there is one."""
        return None if self._stepped_at is None else self._clock() - self._stepped_at

    @property
    def usual(self) -> float:
        """Seconds that an iteration of the job takes, 0 where nothing is known."""
        return statistics.median(self._intervals) if self._intervals else 0.0

    @property
    def allowed(self) -> float:
        """Seconds of silence that are no reason to worry."""
        if self._progress is None or self._progress.phase != "optimizing" or not self._intervals:
            return UNKNOWN_FACTOR * self._patience
        return max(self._patience, TIMES_MEDIAN * self.usual)

    def hear(self, message: FromWorker | Work) -> None:
        """Take note of a message to or from the worker."""
        match message:
            case Work(job=job):
                self._rest()
                self.job = job
            case WorkerState(state="idle"):
                self._rest()
            case JobProgress(job=job):
                # A worker that has just loaded its model calls itself idle, with work on its way.
                self.job = job
                self._advance(message)
        self.silence = 0.0

    def look(self) -> bool:
        """Return whether the worker hangs."""
        now = self._clock()
        self.silence += min(now - self._looked_at, LONGEST_LOOK)
        self._looked_at = now
        return bool(self.job) and self.silence > self.allowed

    def forget(self) -> None:
        """The worker is no more."""
        self._rest()

    def _advance(self, progress: JobProgress) -> None:
        now = self._clock()
        done = progress.step - self.step
        if progress.phase == "optimizing" and done > 0:
            if self._stepped_at is not None:
                # Progress may be told more rarely than it is made.
                self._intervals.append((now - self._stepped_at) / done)
            self._stepped_at = now
        self._progress = progress

    def _rest(self) -> None:
        self._intervals.clear()
        self._progress = self._stepped_at = None
        self.job = ""
