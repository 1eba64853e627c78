"""`ditto bench`: how fast the parts are on this machine, as tables of ratios."""

import subprocess
import sys

import click

from bridge.settings import PYTHON


@click.group()
def bench() -> None:
    """Measure this machine."""


@bench.command()
def core() -> None:
    """Time and memory of one DITTO iteration."""
    # A process of its own: the command line never loads torch.
    command = [*PYTHON, "-m", "engine.evaluation.core_speed"]
    sys.exit(subprocess.run(command).returncode)


@bench.command()
def bridge() -> None:
    """What the daemon adds to a job: start, status, and a clip both ways."""
    from bridge.bench import measure_bridge

    click.echo(measure_bridge())
