"""All of it, one section after the other: briefly, as CI does it, or at length, by hand."""

import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bridge.benchmarks.attacks import delivered
from bridge.benchmarks.crowd import memory
from bridge.benchmarks.full_disk import full_disk
from bridge.benchmarks.fuzz import fuzz
from bridge.benchmarks.kills import under_fire
from bridge.benchmarks.promptness import cancels, pings, restarts
from bridge.benchmarks.table import Row
from bridge.benchmarks.transfers import round_trips
from bridge.supervisor import PYTHON

STATUS = (*PYTHON, "-c", "import bridge.cli; bridge.cli.main()", "status")


@dataclass(frozen=True)
class Effort:
    """How much of everything."""

    kills: int
    messages: int
    rounds: int
    with_engine: bool


FULL = Effort(kills=200, messages=200_000, rounds=7, with_engine=True)
QUICK = Effort(kills=8, messages=4000, rounds=2, with_engine=False)


def measure(effort: Effort) -> Iterator[Row]:
    """Yield the rows as they are measured; what is slow comes last."""
    yield from restarts(effort.rounds)
    yield _status(effort.rounds)
    yield from pings(effort.rounds)
    for round_trip in round_trips(effort.rounds):
        yield round_trip.row()
    yield from cancels(effort.rounds, with_engine=effort.with_engine)
    yield from memory()
    yield from delivered()
    yield from full_disk()
    yield from fuzz(effort.messages).rows()
    yield from under_fire(effort.kills).rows()


def _status(rounds: int) -> Row:
    """Time whole commands, from the first byte of Python to its exit."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run(STATUS, capture_output=True)
        times.append(time.perf_counter() - began)
    return Row("`ditto status`", f"{statistics.median(times):.2f} s")
