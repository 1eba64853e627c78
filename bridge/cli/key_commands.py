"""`ditto pair` and `ditto keys`: who may connect over a network."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.as_json import as_json_option, print_json

if TYPE_CHECKING:
    from bridge.keys import KeyRing


@click.command()
@click.argument("name")
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the bundle.  [default: NAME.ditto]",
)
def pair(name: str, out: Path | None) -> None:
    r"""Let the client NAME in over the network: write the bundle that it needs.

    The daemon must have been started with `ditto serve --tcp` or `--listen`. Carry the bundle to
    the client as you would carry a password, and name it there:

    \b
    Example:
      ditto pair studio-b -o studio-b.ditto
      DITTO_CONNECTION=studio-b.ditto ditto status
    """
    import msgspec

    from bridge.cli.failures import RefusedError
    from bridge.keys import KeyRing, fingerprint, write_private
    from bridge.paths import locate

    paths, out = locate(), out or Path(f"{name}.ditto")
    if out.exists():
        raise RefusedError(f"{out} exists; name another file with -o, or remove it.")
    if not paths.last_network.exists():
        raise RefusedError(
            "The daemon has never listened on a network. Start it with `ditto serve --tcp` (for "
            "this machine) or `ditto serve --listen ADDRESS:PORT`, then pair."
        )
    bundle = KeyRing(paths.keys).pair(name, paths.last_network.read_text())
    assert bundle.keys is not None
    write_private(out, msgspec.json.encode(bundle))
    click.echo(f"{name} may connect to {bundle.endpoint} with {out}, which holds its secret key")
    click.echo(f"its key is {fingerprint(bundle.keys.public)}; `ditto keys remove {name}` ends it")


@click.group()
def keys() -> None:
    """The clients that may connect over a network, and the daemon's own key."""


@keys.command("list")
@as_json_option
def list_keys(as_json: bool) -> None:
    """List the paired clients."""
    clients = _ring().clients()
    if as_json:
        told = [
            {"name": each.name, "fingerprint": each.fingerprint, "since": each.since}
            for each in clients
        ]
        print_json(told)
        return
    if not clients:
        click.echo("no client is paired; `ditto pair NAME` lets one in")
    for each in clients:
        day = time.strftime("%Y-%m-%d", time.localtime(each.since))
        click.echo(f"{each.name:24} {each.fingerprint}  since {day}")


@keys.command()
@click.argument("name")
def remove(name: str) -> None:
    """Let the client NAME in no more; a running daemon stops listening to it at once."""
    _ring().remove(name)
    click.echo(f"{name} is let in no more")


@keys.command()
def rotate() -> None:
    """Make a new key for the daemon. Every client must be paired anew."""
    _ring().rotate()
    click.echo("nobody is paired any more, and the daemon has a new key from its next start on;")
    click.echo("then pair every client anew")


def _ring() -> "KeyRing":
    from bridge.keys import KeyRing
    from bridge.paths import locate

    return KeyRing(locate().keys)
