"""The daemon of the state machine: killed at any commit, on a disk that fills, and heard."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from hypothesis.stateful import RuleBasedStateMachine
from office import Office
from paper_engine import Engine

from bridge.errors import StoreError
from bridge.quotas import Limits
from bridge.refusals import Refusal
from plugin_protocol.messages import JobState

LIMITS = Limits(queued_per_owner=4, queued=6, submits_burst=10_000)
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""No power is lost here: waiting for a disk thousands of times would prove nothing."""


class KilledError(BaseException):
    """The daemon is no more."""


class MortalDaemon(RuleBasedStateMachine):
    """An office that is killed at any commit, or whose disk is full, and what it has told."""

    office: Office

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="ditto-", dir=IN_MEMORY))
        self.engines: list[Engine] = []
        self.told: dict[str, JobState] = {}
        self.kill_at: Literal["", "before", "after"] = ""
        self.is_full = False

    def teardown(self) -> None:
        self.office.close()
        shutil.rmtree(self.home)

    def open_office(self) -> None:
        """Start the daemon on what is on the disk, with a worker for each engine."""
        self.office = Office(self.home, limits=LIMITS, workers=len(self.engines))
        self._wire_up()

    def hear(self, *messages: Any) -> None:
        for message in messages:
            self.ask(lambda message=message: self.office.workshop.hear(message))

    def ask(self, act: Callable[[], object]) -> str:
        """Act in the daemon, which may be killed over it; return the code of a refusal, or ""."""
        try:
            act()
        except KilledError:
            self.restart()
        except StoreError:
            assert self.is_full
            return "STORAGE_FULL"
        except Refusal as refusal:
            return refusal.failure.code
        return ""

    def restart(self) -> None:
        """Kill -9 and start again: only what is on the disk is left, and clients ask anew."""
        self.kill_at, self.is_full = "", False
        self.office.storage.database.close()
        for engine in self.engines:
            engine.work, engine.read = None, 0
        self.open_office()
        for job, last in list(self.told.items()):
            now = self.office.jobs.state(job)
            assert (
                now.state == "unknown"
                or (now.ev, now.state) == (last.ev, last.state)
                or (now.ev > last.ev)
            )
            self.told[job] = now

    def _wire_up(self) -> None:
        self.office.knows_its_makers()
        database = self.office.storage.database
        write = database.write

        def write_if_alive(*statements: Any) -> int:
            if self.is_full:
                raise StoreError("full")
            if self.kill_at == "before":
                raise KilledError
            changed = write(*statements)
            if self.kill_at == "after":
                raise KilledError
            return changed

        database.write = write_if_alive  # type: ignore[method-assign]
        self.office.told = _Listening(self._on_told)

    def _on_told(self, message: Any) -> None:
        """Events count up one by one; the same number again is the same state."""
        if not isinstance(message, JobState):
            return
        last = self.told.get(message.job)
        record = self.office.store.get(message.job)
        assert record is not None
        assert record.ev >= message.ev, "told before it was written"
        if last is not None and last.state != "unknown":
            assert message.ev - last.ev in (0, 1)
            assert message.ev != last.ev or message.state == last.state
        self.told[message.job] = message


class _Listening(list[Any]):
    def __init__(self, on_message: Callable[[Any], None]) -> None:
        super().__init__()
        self._on_message = on_message

    def append(self, message: Any) -> None:
        super().append(message)
        self._on_message(message)
