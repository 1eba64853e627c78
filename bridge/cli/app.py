"""The commands of `ditto`, and the one place where errors become lines."""

import sys
from collections.abc import Sequence

import click

from bridge.cli.bench_commands import bench
from bridge.cli.daemon_commands import serve, status, stop
from bridge.cli.failures import report
from bridge.cli.music_commands import generate, inpaint, loop, outpaint
from bridge.version import installed_version


@click.group()
@click.version_option(installed_version(), prog_name="ditto")
def ditto() -> None:
    """Continue, fill, loop and make music, in place.

    \b
    Example:
      ditto outpaint verse.wav -o longer.wav --seconds 4
    """


for command in (outpaint, inpaint, loop, generate, serve, status, stop, bench):
    ditto.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit status; nothing is ever raised."""
    try:
        status_code = ditto.main(list(arguments), prog_name="ditto", standalone_mode=False)
    except BaseException as error:
        return report(error)
    return status_code if isinstance(status_code, int) else 0


def main() -> None:
    """Run `ditto` and exit."""
    sys.exit(run(sys.argv[1:]))
