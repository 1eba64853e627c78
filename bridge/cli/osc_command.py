"""`ditto osc`: the door for Pure Data, SuperCollider and all that speak OSC."""

import logging
from contextlib import suppress
from pathlib import Path

import click

from bridge.cli.options import FILE


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=9811, show_default=True, help="Where to hear."
)
@click.option(
    "--reply-port",
    type=click.IntRange(1, 65535),
    help="Where to answer. To wherever a request came from if not given.",
)
@click.option(
    "--folder",
    type=FILE,
    default=Path(),
    help="Where sound files are read and written, and nowhere else; this folder if not given.",
)
def osc(port: int, reply_port: int | None, folder: Path) -> None:
    """Make music for programs that speak OSC, until Ctrl-C.

    For Pure Data and SuperCollider there are a patch and a class: `ditto hosts`. What the messages
    are is written in plugin_protocol/OSC.md.

    \b
    Example:
      ditto osc --folder ~/music
    """
    from bridge.guard import check_platform
    from bridge.osc.door import LOOPBACK, Door

    check_platform()
    # python-osc complains aloud about whatever strangers send.
    logging.disable(logging.WARNING)
    door = Door(folder, port, reply_port=reply_port, say=_say)
    click.echo(f"OSC on {LOOPBACK}:{door.port}, for sound files in {folder.resolve()}")
    click.echo("Ctrl-C closes this door; what is being made goes on")
    with suppress(KeyboardInterrupt):
        door.run()
    click.echo("closed")


def _say(line: str) -> None:
    # Whoever reads this may leave: a program that has opened the door, or `ditto osc | head`.
    with suppress(BrokenPipeError):
        click.echo(line)
