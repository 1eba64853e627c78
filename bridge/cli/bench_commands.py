"""`ditto bench`: how fast the parts are on this machine, as tables."""

import subprocess
import sys
from pathlib import Path

import click

from bridge.supervisor import PYTHON


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
@click.option("--controls", metavar="NAMES", help="Some of them, comma between.")
@click.option("--targets", type=click.IntRange(1, 8), help="Of each control; 8 without.")
@click.option("--seeds", type=click.IntRange(1), help="Of each target; 4 without.")
@click.option("--quality", help="How long to search; normal without.")
@click.option("--quick", is_flag=True, help="Two targets, one seed.")
@click.option("--out", type=click.Path(dir_okay=False), help="Keep results here; go on from them.")
def controls(quick: bool, **options: object) -> None:
    """Every control against its target."""
    given = [f"--{name}={value}" for name, value in options.items() if value is not None]
    command = [*PYTHON, "-m", "engine.evaluation.controls", *given, *["--quick"] * quick]
    sys.exit(subprocess.run(command).returncode)


@bench.command()
@click.option(
    "--folder", type=click.Path(file_okay=False), help="With real clips, or to keep them."
)
@click.option("--n", type=click.IntRange(20), help="Held-out pieces; 200 without.")
@click.option("--model", multiple=True, help="embedded or embedded-base; may be repeated.")
@click.option("--teacher", is_flag=True, help="Also embedded-base at guidance 1, 2 and 3.")
@click.option("--long", "long", is_flag=True, help="Clips of 12 s instead of 6 s.")
@click.option("--weights", type=click.Path(exists=True, file_okay=False), help="Another's weights.")
@click.option("--out", type=click.Path(file_okay=False), help="For the table and a picture.")
def model(model: tuple[str, ...], teacher: bool, long: bool, **options: object) -> None:
    """Does the embedded model do what it is told?"""
    given = [f"--{name}={value}" for name, value in options.items() if value is not None]
    given += [f"--model={name}" for name in model]
    given += ["--teacher"] * teacher + ["--long"] * long
    sys.exit(subprocess.run([*PYTHON, "-m", "engine.evaluation.embedded", *given]).returncode)


@bench.command()
@click.option("--model", help="embedded or embedded-base; embedded without.")
@click.option(
    "--random-like",
    type=click.Choice(["sao", "sa3-small", "sa3-medium", "ace"]),
    help="Of the real size of a public model, with random weights.",
)
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Of random music.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), help="Where; the GPU without.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="At most; 9 without.")
@click.option("--out", type=click.Path(dir_okay=False), help="Keep the numbers here, as JSON.")
@click.option("--against-paper", is_flag=True, help="Instead: the paper's recipe beside DITTO-2.")
@click.option("--targets", type=click.IntRange(1, 8), help="Of the paper's recipe; 2 without.")
@click.option("--iterations", type=click.IntRange(1), help="Of it, to rehearse.")
def speed(against_paper: bool, **options: object) -> None:
    """What each lever gains: seconds, TFLOP/s and memory of an iteration."""
    part = "against_paper" if against_paper else "speed"
    given = [
        f"--{name.replace('_', '-')}={value}"
        for name, value in options.items()
        if value is not None
    ]
    sys.exit(subprocess.run([*PYTHON, "-m", f"engine.evaluation.{part}", *given]).returncode)


@bench.command()
@click.option("--n", type=click.IntRange(1), help="Clips; 50 without.")
@click.option("--quality", help="How long to search; normal without.")
@click.option("--host", is_flag=True, help="Tell tempo, bar line and key, as a DAW does.")
def continuation(host: bool, **options: object) -> None:
    """Do continuations of real clips belong to them?"""
    given = [f"--{name}={value}" for name, value in options.items() if value is not None]
    command = [*PYTHON, "-m", "engine.evaluation.embedded.continuation", *given]
    sys.exit(subprocess.run(command + ["--host"] * host).returncode)


@bench.command()
@click.option("--quick", is_flag=True, help="A little of everything, in two minutes.")
@click.option(
    "--soak",
    type=click.FloatRange(0, min_open=True),
    metavar="MINUTES",
    help="Instead: clients that work and die, and what they leave.",
)
@click.option("--out", type=click.Path(dir_okay=False), help="Write the table here, too.")
def bridge(quick: bool, soak: float | None, out: str | None) -> None:
    """What the daemon survives, and what it adds to a job: ten minutes. Linux."""
    from bridge.benchmarks.soak import soak as soaked
    from bridge.benchmarks.suite import FULL, QUICK, measure
    from bridge.benchmarks.table import HEAD, as_markdown

    click.echo(HEAD)
    rows = []
    for row in soaked(soak) if soak else measure(QUICK if quick else FULL):
        rows.append(row)
        click.echo(str(row))
    if out:
        Path(out).write_text(as_markdown(rows))
