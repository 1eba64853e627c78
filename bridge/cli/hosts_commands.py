"""`ditto hosts`: DITTO inside other programs, put there, looked at and taken away."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from bridge.cli.as_json import as_json_option, print_json
from bridge.cli.doctor_command import tell

if TYPE_CHECKING:
    from bridge.hosts.putting import Step

DONE = {
    "new": "put",
    "same": "was there",
    "newer": "replaced",
    "removed": "removed",
    "left": "left, as it was edited",
    "gone": "was gone",
}


@click.group()
def hosts() -> None:
    """DITTO inside other programs: REAPER, Ardour, Audacity and more."""


@hosts.command("list")
@as_json_option
def list_(as_json: bool) -> None:
    """List the hosts that DITTO has something for, and where it is installed."""
    from bridge.hosts.examination import state_of
    from bridge.hosts.host import known_hosts
    from bridge.hosts.programs import find_program
    from bridge.paths import locate

    found = [
        {
            "name": name,
            "title": host.title,
            "state": state_of(name, locate()),
            "program": str(find_program(host.needs) or ""),
        }
        for name, host in known_hosts().items()
    ]
    if as_json:
        print_json(found)
        return
    for each, host in zip(found, known_hosts().values(), strict=True):
        program = each["program"] or ("the program was not found" if host.needs else "")
        where = f": {program}" if program else ""
        click.echo(f"{each['name']:14} {each['state']:14} {each['title']}{where}")


@hosts.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def install(names: tuple[str, ...]) -> None:
    """Put DITTO's part into each host NAME, and say what was put where.

    Again puts what this version has. A file of yours that stands where one of ours goes is kept
    beside it as .bak.

    \b
    Example:
      ditto hosts install reaper
    """
    from bridge.hosts.command import running_command
    from bridge.hosts.host import host_named
    from bridge.hosts.parcel import build, names_the_command
    from bridge.hosts.preparations import PREPARATIONS
    from bridge.hosts.putting import install as put
    from bridge.paths import locate

    asked = [(name, host_named(name)) for name in names]
    for name, host in asked:
        build(name)
        command = running_command()
        _say(put(name, command, locate()))
        for sentence in PREPARATIONS[name].prepare() if name in PREPARATIONS else ():
            click.echo(sentence)
        if names_the_command(name):
            click.echo(f"it starts {command}")
        click.echo(f"-> {host.then}")


@hosts.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def remove(names: tuple[str, ...]) -> None:
    """Take away what `install` put into each host NAME, and nothing else."""
    from bridge.hosts.host import host_named
    from bridge.hosts.preparations import PREPARATIONS
    from bridge.hosts.putting import remove as take_away
    from bridge.paths import locate

    for name in names:
        host_named(name)
    for name in names:
        for sentence in PREPARATIONS[name].release() if name in PREPARATIONS else ():
            click.echo(sentence)
        if not _say(take_away(name, locate())):
            click.echo(f"{name} was not installed")


@hosts.command()
@click.argument("names", metavar="[NAME...]", nargs=-1)
@as_json_option
def check(names: tuple[str, ...], as_json: bool) -> None:
    """Look whether what is installed is whole, current, and can reach the daemon.

    Without NAME it looks at all that is installed. Exit status 1 if anything is wrong.
    """
    from dataclasses import asdict

    from bridge.doctor import examine_daemon
    from bridge.hosts.examination import examine_host
    from bridge.hosts.host import host_named, known_hosts
    from bridge.hosts.receipt import receipt_of
    from bridge.paths import locate

    paths = locate()
    for name in names:
        host_named(name)
    chosen = names or [name for name in known_hosts() if receipt_of(name, paths).files]
    findings = [finding for name in chosen for finding in examine_host(name, paths)]
    findings.append(examine_daemon(paths, {}))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        if not chosen:
            click.echo("nothing is installed; `ditto hosts list` shows what can be")
        for finding in findings:
            tell(finding)
    if any(finding.verdict == "wrong" for finding in findings):
        sys.exit(1)


def _say(steps: "Iterable[Step]") -> bool:
    """Print each step as it is done and return whether there was any."""
    is_any = False
    for step in steps:
        is_any = True
        click.echo(f"{DONE[step.done]}  {step.file}")
        if step.aside:
            click.echo(f"    what stood there and was not ours, or edited, is now {step.aside}")
    return is_any
