"""The commands of `ditto`, and the one place where errors become lines."""

import signal
import sys
from collections.abc import Sequence

import click

from bridge.cli.automation_commands import batch, watch_folder
from bridge.cli.bench_commands import bench
from bridge.cli.daemon_commands import serve, status, stop
from bridge.cli.doctor_command import doctor
from bridge.cli.failures import report
from bridge.cli.folder_commands import job
from bridge.cli.hosts_commands import hosts
from bridge.cli.job_commands import cancel, finish, jobs, show, watch
from bridge.cli.key_commands import keys, pair
from bridge.cli.log_command import log
from bridge.cli.models_commands import models
from bridge.cli.music_commands import generate, inpaint, loop, outpaint, vary
from bridge.cli.music_commands import run as run_spec
from bridge.cli.osc_command import osc
from bridge.version import installed_version


class InOrder(click.Group):
    """Lists its commands in the order they were added: music first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        del ctx
        return list(self.commands)


@click.group(cls=InOrder)
@click.version_option(installed_version(), prog_name="ditto")
def ditto() -> None:
    """Continue a clip, make parts or all of it anew, loop it, or make music from words.

    \b
    Example:
      ditto outpaint verse.wav -o longer.wav --seconds 4

    `ditto COMMAND --help` tells more. The daemon that does the work starts by itself.
    """


for command in (
    outpaint, inpaint, loop, vary, generate, run_spec, batch, watch_folder, job, jobs, show, watch,
    cancel, finish, serve, status, stop, doctor, log, models, pair, keys, hosts, osc, bench,
):  # fmt: skip
    ditto.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit status; nothing is ever raised."""
    try:
        status_code = ditto.main(list(arguments), prog_name="ditto", standalone_mode=False)
    except BaseException as error:
        return report(error)
    return status_code if isinstance(status_code, int) else 0


def main() -> None:
    """Run `ditto` and exit. A closed terminal and a polite kill are what Ctrl-C is."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))
