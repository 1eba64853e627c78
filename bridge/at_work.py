"""A job that is in a worker: how long it has run, how long it will, and what it was told."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.terms import Terms
from bridge.worker_link import WorkerLink

WORTH_PREEMPTING = 20.0
"""Seconds: what ends sooner is not given up for another."""


@dataclass
class AtWork:
    """One job in its worker. Times on the monotonic `clock`, lengths in seconds."""

    job: str
    worker: WorkerLink
    terms: Terms
    estimate: float
    """Of this stretch of work, before anything was measured."""
    gives_way: bool = False
    """Whether it counts as a batch job: one that has waited long enough does not any more."""
    ran_before: float = 0.0
    is_ending: bool = False
    """The worker was told to halt it."""
    clock: Callable[[], float] = time.monotonic
    is_over: bool = field(default=False, init=False)
    """For everybody but the worker, which has yet to let go of it."""
    is_yielding: bool = field(default=False, init=False)
    """The worker was told to give it up for another."""
    _began: float | None = field(default=None, init=False)
    _ends_at: float = field(init=False)

    def __post_init__(self) -> None:
        """It is in the worker from now on, which may have to load its model first."""
        self._ends_at = self.clock() + self.estimate

    def begin(self) -> None:
        """What passes from now on is its work. One that goes on with less memory begins again."""
        if self._began is None:
            self._began = self.clock()
            self._ends_at = self._began + self.estimate

    @property
    def ran(self) -> float:
        """Seconds of work, all attempts together."""
        return self.ran_before + (0.0 if self._began is None else self.clock() - self._began)

    @property
    def left(self) -> float:
        """Seconds until the worker is done with it, as far as is known."""
        return 0.0 if self.is_over else max(0.0, self._ends_at - self.clock())

    def expect(self, seconds: float | None) -> None:
        """Take note of what the worker has measured to be left."""
        if seconds is not None:
            self._ends_at = self.clock() + seconds

    @property
    def is_overdue(self) -> bool:
        """Whether it has run for as long as it was to, and nothing was done about it yet."""
        limit = self.terms.run_ttl
        return limit is not None and not self.is_ending and self.ran >= limit

    @property
    def may_yield(self) -> bool:
        """Whether it is to be given up for a job that somebody waits for."""
        is_settled = self.is_ending or self.is_yielding
        return self.gives_way and not is_settled and self.left > WORTH_PREEMPTING
