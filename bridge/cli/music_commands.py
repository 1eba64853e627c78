"""`ditto outpaint`, `inpaint`, `loop`, `vary`, `generate` and `run`: parse, then one call."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import click

from bridge.cli.options import (
    FILE,
    OVERLAP,
    SECONDS,
    Delivery,
    Wishes,
    music_options,
    output_options,
    parted,
)
from bridge.cli.parameters import Number, Stretch
from bridge.cli.sections import SectionedCommand, option
from plugin_protocol.values import Generate, Inpaint, Kind, Loop, Outpaint, Region, Vary

Receiver = Callable[[Kind, Path | None, Wishes, Delivery], None]
"""Who is handed what a command line asks for: a click context's `obj`, or else `carry_out`."""


def _carry_out(job: Kind, clip: Path | None, words: dict[str, Any]) -> None:
    wishes, delivery = parted(words)
    receiver: Receiver | None = click.get_current_context().obj
    if receiver is not None:
        receiver(job, clip, wishes, delivery)
        return
    # Numpy, soundfile and zmq come with it: `ditto --help` must not wait for them.
    from bridge.cli.order import carry_out

    carry_out(job, clip, wishes, delivery)


@click.command(cls=SectionedCommand)
@click.argument("clip", metavar="IN", type=FILE)
@option(
    "--side",
    type=click.Choice(["after", "before", "both"]),
    default="after",
    show_default=True,
    help="Where the new music goes.",
)
@option("--seconds", type=SECONDS, default=3.0, show_default=True, help="New music, on each side.")
@option(
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
    **words: Any,
) -> None:
    """Continue IN past its end, before its start, or both.

    \b
    Example:
      ditto outpaint verse.wav -o longer.wav --seconds 4
    """
    _carry_out(Outpaint(seconds=seconds, side=side, overlap=overlap or 0.0), clip, words)


@click.command(cls=SectionedCommand)
@click.argument("clip", metavar="IN", type=FILE)
@option(
    "--region",
    "regions",
    metavar="START-END",
    type=Stretch(),
    multiple=True,
    required=True,
    help="From second to second of IN. Give it again for further regions.",
)
@music_options
def inpaint(clip: Path, regions: tuple[tuple[float, float], ...], **words: Any) -> None:
    """Make regions of IN anew; all else stays as it is.

    \b
    Example:
      ditto inpaint verse.wav -o mended.wav --region 2-3.5 --region 5-6
    """
    asked = tuple(Region(start=start, end=end) for start, end in regions)
    _carry_out(Inpaint(regions=asked), clip, words)


@click.command(cls=SectionedCommand)
@click.argument("clip", metavar="IN", type=FILE)
@option("--overlap", type=OVERLAP, help="Seconds of IN, at both ends, that the bridge must fit.")
@option("--seconds", type=SECONDS, help="Length of the bridge. Fills up the last bar if not given.")
@music_options
def loop(clip: Path, overlap: float | None, seconds: float | None, **words: Any) -> None:
    """Lead the end of IN back to its start, for a loop.

    \b
    Example:
      ditto loop verse.wav -o loop.wav
    """
    _carry_out(Loop(seconds=seconds or 0.0, overlap=overlap or 0.0), clip, words)


@click.command(cls=SectionedCommand)
@click.argument("clip", metavar="IN", type=FILE)
@option(
    "--strength",
    type=Number("strength", 0, 1),
    default=0.5,
    show_default=True,
    help="0 is IN itself, 1 fresh music of its length, tempo and key.",
)
@music_options
def vary(clip: Path, strength: float, **words: Any) -> None:
    """Make IN anew, more or less like it was.

    \b
    Example:
      ditto vary verse.wav -o darker.wav --strength 0.4 --prompt "dark synths"
    """
    _carry_out(Vary(strength=strength), clip, words)


@click.command(cls=SectionedCommand)
@option(
    "--seconds",
    type=SECONDS,
    help="Length of the music. With --loop-period, one period if not given.",
)
@music_options
@option(
    "--loop-period",
    section="Controls",
    metavar="S|Nbars",
    help="Let the music repeat itself after so many seconds (2) or bars (2bars).",
)
def generate(seconds: float | None, **words: Any) -> None:
    """Make music from words and controls alone.

    \b
    Examples:
      ditto generate -o idea.wav --seconds 6 --prompt "calm piano, 90 bpm"
      ditto generate -o loop.wav --loop-period 2bars --prompt "funk, 104 bpm"
    """
    if seconds is None and words["loop_period"] is None:
        raise click.UsageError("Missing option '--seconds': how long shall the music be?")
    _carry_out(Generate(seconds=seconds or 0.0), None, words)


@click.command(cls=SectionedCommand)
@click.argument("document", metavar="SPEC", type=FILE)
@output_options
def run(document: Path, **words: Any) -> None:
    """Make what SPEC says, exactly.

    SPEC is what --print-spec wrote, or the manifest (.ditto.json) of a result.

    \b
    Example:
      ditto run idea.ditto.json -o again.wav
    """
    from bridge.cli.order import repeat

    repeat(document, Delivery(**words))


ON_A_CLIP = {str(command.name): command for command in (outpaint, inpaint, loop, vary)}
_IN, _OUT = Path("IN"), Path("OUT")


def asked_of_any_clip(words: Sequence[str]) -> tuple[Kind, Wishes]:
    """Return what the words of a command ask for that leave out IN and everything about OUT.

    Raises click.UsageError.
    """
    if not words or words[0] not in ON_A_CLIP:
        raise click.UsageError(
            f"After `--` goes one of {', '.join(ON_A_CLIP)}, with its options and without IN."
        )
    heard: list[tuple[Kind, Wishes, Delivery]] = []
    ON_A_CLIP[words[0]].main(
        [str(_IN), "--out", str(_OUT), *words[1:]],
        prog_name=f"ditto {words[0]}",
        standalone_mode=False,
        obj=lambda job, _, wishes, delivery: heard.append((job, wishes, delivery)),
    )
    if not heard:
        raise click.exceptions.Exit(0)  # it was asked for its help
    job, wishes, delivery = heard[0]
    plain = Delivery(out=_OUT, as_json=False, plot=None, manifest=True, print_spec=False)
    if delivery != plain:
        raise click.UsageError(
            "Where the music goes and what is told is not for the words after `--`: leave out "
            "--out, --plot, --json, --print-spec and --no-manifest."
        )
    return job, wishes
