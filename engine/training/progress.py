"""How far a stage is: a bar in a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

SECONDS_BETWEEN_LINES = 15.0


class Report(Protocol):
    """What a stage tells about itself."""

    def at(self, share: float, said: str) -> None:
        """Show that `share` (0 to 1) is done; called as often as one likes."""
        ...

    def line(self, said: str) -> None:
        """Leave a line that stays."""
        ...


@contextmanager
def progress(stage: str) -> Iterator[Report]:
    """Give what reports how far `stage` is."""
    console = Console()
    if not console.is_terminal:
        yield _Lines(stage)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[said]}"),
    )
    with Progress(*columns, console=console) as bar:
        yield _Bar(stage, bar, bar.add_task(stage, total=1.0, said=""))


@dataclass
class _Bar:
    stage: str
    bar: Progress
    task: TaskID

    def at(self, share: float, said: str) -> None:
        self.bar.update(self.task, completed=share, said=said)

    def line(self, said: str) -> None:
        self.bar.console.print(f"{self.stage}: {said}")


@dataclass
class _Lines:
    stage: str
    spoken: float = float("-inf")

    def at(self, share: float, said: str) -> None:
        now = time.monotonic()
        if now - self.spoken >= SECONDS_BETWEEN_LINES:
            self.spoken = now
            self.line(f"{share:.1%}, {said}")

    def line(self, said: str) -> None:
        print(f"{self.stage}: {said}", flush=True)
