"""The jobs that wait, in memory: whose turn it is, how long until then, and who has waited enough.

One thread. What is here is in the store as well; after a crash the line is made from there. Times
are read from a clock that never goes back, so that a change of the computer's time ends no job.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heapreplace
from typing import get_args

from bridge.costs import Pace
from bridge.job_records import JobRecord
from bridge.scheduler import Turns, Waiting
from bridge.terms import Terms
from plugin_protocol.framing import unpack
from plugin_protocol.values import Priority, Task

LEAST_COST = 0.1
"""Seconds of work that any job counts as, so that turns go round."""


@dataclass(frozen=True)
class Place:
    """Where a job stands: so many will begin before it, and it is over in so many seconds."""

    ahead: int
    eta: float


class Line:
    """All jobs that wait for a worker."""

    def __init__(
        self,
        records: Iterable[JobRecord],
        pace: Pace,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pace = pace
        self._clock = clock
        self._turns = Turns()
        self._waiting: dict[str, Waiting] = {}
        self._work: dict[str, tuple[str, float, float]] = {}
        """By job: its model, its work, and how much of that is done, in seconds."""
        self._ends_at: dict[str, float] = {}
        """When a job that has not begun by then is not wanted any more."""
        for record in records:
            # By the wall clock, which alone goes on while there is no daemon.
            away = max(0.0, time.time() - record.queued_ms / 1000)
            self.join(replace(record, waited=record.waited + away))

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, job: str) -> bool:
        return job in self._waiting

    def join(self, record: JobRecord) -> None:
        """Let a job wait; one that has waited or run before is credited with both."""
        terms, since = Terms.read(record.terms), self._clock() - record.waited
        self._work[record.id] = unpack(record.task, Task).model, record.work, record.ran
        self._waiting[record.id] = Waiting(
            job=record.id,
            number=record.number,
            priority=terms.priority,
            owner=record.owner,
            client=record.client,
            cost=self._cost(record.id),
            since=since,
        )
        if terms.queue_ttl is not None and record.began_ms is None:
            self._ends_at[record.id] = since + terms.queue_ttl

    def leave(self, job: str) -> None:
        """Let a job wait no longer; no matter if it does not."""
        for of_jobs in (self._waiting, self._work, self._ends_at):
            of_jobs.pop(job, None)

    def reckon_anew(self) -> None:
        """Let what each job will take follow the pace that was observed."""
        for job, entry in self._waiting.items():
            self._waiting[job] = replace(entry, cost=self._cost(job))

    def next(self, *, favored: str = "") -> Waiting | None:
        """Return whose turn it is, who leaves the line; None if nobody waits.

        It is the turn of the `favored` job if that one still waits.
        """
        everybody, now = self._waiting.values(), self._clock()
        chosen = self._waiting.get(favored)
        if chosen is not None:
            self._turns.serve_before_its_turn(chosen, everybody, now)
        else:
            chosen = self._turns.next(everybody, now)
        if chosen is not None:
            self.leave(chosen.job)
        return chosen

    def first_of(self, priority: Priority, *, besides: Collection[str] = ()) -> str:
        """Return the oldest job that was handed over with that priority, "" if none waits."""
        waiting = (entry for entry in self._waiting.values() if entry.job not in besides)
        of_it = (entry for entry in waiting if entry.priority == priority)
        oldest = min(of_it, key=lambda entry: entry.number, default=None)
        return oldest.job if oldest else ""

    def oldest(self) -> str:
        """Return the job that came first, "" if nobody waits."""
        oldest = min(self._waiting.values(), key=lambda entry: entry.number, default=None)
        return oldest.job if oldest else ""

    def priority_of(self, entry: Waiting) -> Priority:
        """Return the class that a job counts as by now."""
        return entry.priority_at(self._clock())

    def waited(self, entry: Waiting) -> float:
        """Return the seconds that a job has waited, all waits together."""
        return max(0.0, self._clock() - entry.since)

    def count(self, owner: str) -> int:
        """Return how many jobs of the owner wait."""
        return sum(entry.owner == owner for entry in self._waiting.values())

    def count_by_class(self) -> dict[Priority, int]:
        """Return how many jobs wait of each class that they were handed over with."""
        counted = Counter(entry.priority for entry in self._waiting.values())
        return {priority: counted[priority] for priority in get_args(Priority)}

    def overdue(self) -> list[str]:
        """Return the jobs that have waited longer than they were to."""
        now = self._clock()
        return [job for job, end in self._ends_at.items() if now >= end]

    def places(self, *, busy: Sequence[float]) -> dict[str, Place]:
        """Return where each job stands; the workers are busy for so many seconds yet."""
        places, free_in = {}, list(busy)
        heapify(free_in)
        for ahead, entry in enumerate(self._turns.order(self._waiting.values(), self._clock())):
            eta = free_in[0] + entry.cost
            heapreplace(free_in, eta)
            places[entry.job] = Place(ahead, eta)
        return places

    def _cost(self, job: str) -> float:
        model, work, ran = self._work[job]
        return max(LEAST_COST, self._pace.seconds(model, work) - ran)
