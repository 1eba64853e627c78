"""Numbers about the daemon: what is now, and (`_total`) what has been since it was started."""

import os
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import get_args

from bridge.errors import StoreError
from bridge.memory import resident_mib
from bridge.peers import Peers
from bridge.pipe import Failed, Finished
from bridge.prometheus import Exporter
from bridge.storage import Storage
from bridge.watchdog import Watchdog
from bridge.worker_link import Died, Said, WorkerEvent
from plugin_protocol.values import State

COUNTED = (
    "messages", "bad_messages", "refusals", "jobs_done", "jobs_failed", "worker_deaths",
)  # fmt: skip
"""From nought on: who asks for rates must see the first of them, too."""
PUBLISH_SECONDS = 5.0
"""How old published metrics may be."""


class Metrics:
    """Gathers numbers by name, and serves them for Prometheus at `port`. One thread."""

    def __init__(
        self, storage: Storage, peers: Peers, watchdog: Watchdog, *, port: int | None
    ) -> None:
        self._storage = storage
        self._peers = peers
        self._watchdog = watchdog
        self._totals = Counter(dict.fromkeys(COUNTED, 0))
        self._exporter = None if port is None else Exporter(port)
        self._publish_at = 0.0

    @property
    def address(self) -> str:
        """Where Prometheus may ask, "" where it may not."""
        return self._exporter.address if self._exporter else ""

    def count(self, name: str) -> None:
        """One more of these."""
        self._totals[name] += 1

    def hear(self, event: WorkerEvent) -> None:
        """Count what the worker has done."""
        match event:
            case Died():
                self.count("worker_deaths")
            case Said(message=Finished()):
                self.count("jobs_done")
            case Said(message=Failed()):
                self.count("jobs_failed")

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
            "iteration_seconds": self._watchdog.usual,
            "open_files": _open_files(),
        }
        kept = self._storage.jobs.count_by_state()
        jobs = {f"jobs_{state}": kept.get(state, 0) for state in get_args(State)}
        totals = {f"{name}_total": n for name, n in self._totals.items()}
        return {name: float(value) for name, value in {**now, **jobs, **totals}.items()}


def _open_files() -> int:
    """Return how many files this process has open; 0 where the system does not tell."""
    try:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:
        return 0
