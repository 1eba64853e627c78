"""Numbers about the daemon: what is now, and (`_total`) what has been since it was started."""

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import get_args

from bridge.crew import Crew
from bridge.errors import StoreError
from bridge.memory import resident_mib
from bridge.peers import Peers
from bridge.pipe import Failed, Finished, MemoryRanOut
from bridge.prometheus import Exporter
from bridge.storage import Storage
from bridge.worker_link import Died, Said, WorkerEvent
from plugin_protocol.values import State

COUNTED = (
    "messages", "bad_messages", "refusals", "jobs_done", "jobs_failed", "worker_deaths",
    "memory_steps",
)  # fmt: skip
"""From nought on: who asks for rates must see the first of them, too."""
TIMED = ("job_wait_seconds", "job_run_seconds")
"""Of which there are a sum and a count, for averages."""
PUBLISH_SECONDS = 5.0
"""How old published metrics may be."""


class Metrics:
    """Gathers numbers by name, and serves them for Prometheus at `port`. One thread."""

    def __init__(self, storage: Storage, peers: Peers, crew: Crew, *, port: int | None) -> None:
        self._storage = storage
        self._peers = peers
        self._crew = crew
        self._totals = Counter(dict.fromkeys(COUNTED, 0))
        self._exporter = None if port is None else Exporter(port)
        self._publish_at = 0.0
        self._times = {f"{name}_{part}": 0.0 for name in TIMED for part in ("sum", "count")}
        self._others: list[Callable[[], Mapping[str, float]]] = []

    @property
    def address(self) -> str:
        """Where Prometheus may ask, "" where it may not."""
        return self._exporter.address if self._exporter else ""

    def also(self, numbers: Callable[[], Mapping[str, float]]) -> None:
        """Have these among the numbers, as they are whenever somebody asks."""
        self._others.append(numbers)

    def count(self, name: str) -> None:
        """One more of these."""
        self._totals[name] += 1

    def hear(self, event: WorkerEvent) -> None:
        """Count what a worker has done."""
        match event:
            case Died():
                self.count("worker_deaths")
            case Said(message=Finished(job=job, result=result)):
                self.count("jobs_done")
                self._time(job, result.compute_seconds)
            case Said(message=Failed()):
                self.count("jobs_failed")
            case Said(message=MemoryRanOut()):
                self.count("memory_steps")

    def publish_if_due(self) -> None:
        """Let Prometheus see numbers of now, where it is wanted."""
        if self._exporter is None or time.monotonic() < self._publish_at:
            return
        self._publish_at = time.monotonic() + PUBLISH_SECONDS
        with suppress(StoreError):
            self._exporter.publish(self.values())

    def close(self) -> None:
        """Publish no more."""
        if self._exporter is not None:
            self._exporter.close()

    def values(self) -> dict[str, float]:
        """Return all numbers. Raises StoreError."""
        now = {
            "epoch": self._storage.jobs.epoch,
            "clients": len(self._peers),
            "stored_bytes": self._storage.ledger.stored(),
            "resident_mib": resident_mib(os.getpid()),
            "iteration_seconds": self._crew.iteration_seconds,
            "open_files": _open_files(),
        }
        kept = self._storage.jobs.count_by_state()
        jobs = {f"jobs_{state}": kept.get(state, 0) for state in get_args(State)}
        jobs["jobs_at_work"] = jobs["jobs_loading"] + jobs["jobs_running"]
        totals = {f"{name}_total": n for name, n in self._totals.items()}
        numbers = {**now, **jobs, **totals, **self._times}
        for others in self._others:
            numbers.update(others())
        return {name: float(value) for name, value in numbers.items()}

    def _time(self, job: str, ran: float) -> None:
        """Add up how long a job that is done has waited and run, all attempts together."""
        with suppress(StoreError):
            record = self._storage.jobs.get(job)
            if record is not None:
                for name, seconds in zip(TIMED, (record.waited, ran), strict=True):
                    self._times[f"{name}_sum"] += seconds
                    self._times[f"{name}_count"] += 1


def _open_files() -> int:
    """Return how many files this process has open; 0 where the system does not tell."""
    try:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:
        return 0
