"""`ditto bench`: how fast the parts are on this machine, as tables."""

import statistics
import subprocess
import sys
import time

import click

from bridge.settings import PYTHON

STATUS = (*PYTHON, "-c", "import bridge.cli; bridge.cli.main()", "status")
ROUNDS = 5


@click.group()
def bench() -> None:
    """Measure this machine."""


@bench.command()
def core() -> None:
    """Time and memory of one iteration."""
    # A process of its own: the command line never loads torch.
    command = [*PYTHON, "-m", "engine.evaluation.core_speed"]
    sys.exit(subprocess.run(command).returncode)


@bench.command()
def painting() -> None:
    """DITTO beside naive masking."""
    sys.exit(subprocess.run([*PYTHON, "-m", "engine.evaluation.painting"]).returncode)


@bench.command()
def bridge() -> None:
    """What the daemon adds to a job."""
    from bridge.bench import measure_bridge

    rows = [(row.name, row.value, row.unit) for row in measure_bridge()]
    for name, value, unit in [*rows, ("`ditto status`", _status_seconds(), "s")]:
        click.echo(f"{name:34} {value:10.3g} {unit}")


def _status_seconds() -> float:
    """Return the median time of the whole command, from the first byte of Python to its exit."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run(STATUS, capture_output=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times)
