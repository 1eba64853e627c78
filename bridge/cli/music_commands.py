"""`ditto outpaint`, `inpaint`, `loop` and `generate`: parse, then one call."""

from pathlib import Path
from typing import Any, Literal

import click

from bridge.cli.options import FILE, OVERLAP, SECONDS, Common, Stretch, music_options
from plugin_protocol.values import Generate, Inpaint, Loop, Objective, Outpaint, Region


def _carry_out(clip: Path | None, objective: Objective, common: Common) -> None:
    # Numpy, soundfile and zmq come with it: `ditto --help` must not wait for them.
    from bridge.cli.order import carry_out

    carry_out(clip, objective, common)


@click.command()
@click.argument("clip", metavar="IN", type=FILE)
@click.option(
    "--side",
    type=click.Choice(["after", "before", "both"]),
    default="after",
    show_default=True,
    help="Where the new music goes.",
)
@click.option(
    "--seconds", type=SECONDS, default=3.0, show_default=True, help="New music, on each side."
)
@click.option(
    "--overlap",
    type=OVERLAP,
    help="Seconds of IN, next to the new music, that it must fit. Chosen for you if not given.",
)
@music_options
def outpaint(
    clip: Path,
    side: Literal["after", "before", "both"],
    seconds: float,
    overlap: float | None,
    **common: Any,
) -> None:
    """Continue IN past its end, before its start, or both.

    \b
    Example:
      ditto outpaint verse.wav -o longer.wav --seconds 4
    """
    _carry_out(clip, Outpaint(seconds=seconds, side=side, overlap=overlap or 0.0), Common(**common))


@click.command()
@click.argument("clip", metavar="IN", type=FILE)
@click.option(
    "--region",
    "regions",
    metavar="START-END",
    type=Stretch(),
    multiple=True,
    required=True,
    help="From second to second of IN. Give it again for further regions.",
)
@music_options
def inpaint(clip: Path, regions: tuple[tuple[float, float], ...], **common: Any) -> None:
    """Make regions of IN anew; all else stays as it is.

    \b
    Example:
      ditto inpaint verse.wav -o mended.wav --region 2-3.5 --region 5-6
    """
    asked = tuple(Region(start=start, end=end) for start, end in regions)
    _carry_out(clip, Inpaint(regions=asked), Common(**common))


@click.command()
@click.argument("clip", metavar="IN", type=FILE)
@click.option(
    "--overlap", type=OVERLAP, help="Seconds of IN, at both ends, that the bridge must fit."
)
@click.option(
    "--seconds", type=SECONDS, help="Length of the bridge. Fills up the last bar if not given."
)
@music_options
def loop(clip: Path, overlap: float | None, seconds: float | None, **common: Any) -> None:
    """Lead the end of IN back to its start, for a loop.

    \b
    Example:
      ditto loop verse.wav -o loop.wav
    """
    _carry_out(clip, Loop(seconds=seconds or 0.0, overlap=overlap or 0.0), Common(**common))


@click.command()
@click.option("--seconds", type=SECONDS, required=True, help="Length of the music.")
@music_options
def generate(seconds: float, **common: Any) -> None:
    """Make music from words alone.

    \b
    Example:
      ditto generate -o idea.wav --seconds 6 --prompt "calm piano, 90 bpm"
    """
    _carry_out(None, Generate(seconds=seconds), Common(**common))
