"""What the music commands share: the options, and the values that they become."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import click

from bridge.cli.parameters import Number, Weighting, Words
from bridge.cli.sections import Command, all_of, option

MOST_SECONDS = 600.0
MOST_OVERLAP = 30.0
MOST_TAKES = 8
MOST_WEIGHT = 1e6

WEIGHED = ("intensity", "melody", "structure", "repeat", "text")
"""Names of --weight: the kinds of the controls."""

SECONDS = Number("seconds", 0, MOST_SECONDS, above=True)
OVERLAP = Number("seconds", 0, MOST_OVERLAP, above=True)
FILE = click.Path(path_type=Path)


@dataclass(frozen=True)
class Wishes:
    """What is wanted of the music beside the kind of job, in the words it was asked in."""

    prompt: str
    seed: int
    takes: int
    bpm: float | None
    beat_offset: float | None
    key: str | None
    model: str
    quality: Literal["draft", "normal", "best", "paper"]
    intensity: str | None
    intensity_match: Literal["level", "shape", "gain"] | None
    melody: str | None
    melody_reading: Literal["lead", "harmony"] | None
    structure: str | None
    text_match: str | None
    weights: tuple[tuple[str, float], ...]
    balance: bool
    start_from: Path | None
    from_take: int | None
    resample: bool
    loop_period: str | None = None


@dataclass(frozen=True)
class Delivery:
    """Where the music goes and what is told. Paths: takes after the first add -2, -3 ..."""

    out: Path
    as_json: bool
    plot: Path | None
    manifest: bool
    print_spec: bool


def parted(words: dict[str, Any]) -> tuple[Wishes, Delivery]:
    """Return a command's keywords as the two values they are."""
    names = [field.name for field in fields(Delivery)]
    delivery = Delivery(**{name: words[name] for name in names})
    return Wishes(**{name: word for name, word in words.items() if name not in names}), delivery


def _required_to_write(
    context: click.Context, parameter: click.Parameter, path: Path | None
) -> Path | None:
    if path is None and not context.params.get("print_spec"):
        raise click.MissingParameter(ctx=context, param=parameter)
    return path or Path()


_MUSIC = (
    option(
        "--prompt",
        type=Words(2000),
        default="",
        help="The music in words: style, instruments, mood, key, tempo.",
    ),
    option(
        "--bpm",
        type=Number("beats per minute", 20, 400),
        help="Tempo. Estimated from IN if not given.",
    ),
    option(
        "--beat-offset",
        type=Number("seconds", -3600, 3600),
        help="Where a bar of IN begins, in seconds from its start. Estimated if not given.",
    ),
    option("--key", type=Words(200), help="Such as 'A minor'. Estimated from IN if not given."),
    option(
        "--seed",
        type=Number("seed", 0, 2**53 - MOST_TAKES, whole=True),
        default=0,
        show_default=True,
        help="Another seed makes another version.",
    ),
    option(
        "--takes",
        type=Number("takes", 1, MOST_TAKES, whole=True),
        default=1,
        show_default=True,
        help="Versions to make, from this seed and those after it; written as OUT, OUT-2, ...",
    ),
)

_CONTROLS = (
    option(
        "--intensity",
        section="Controls",
        metavar="CURVE",
        help='Loudness over time: "0:-30 4:-12" (second of OUT:dB), a .csv or .json of such '
        "points, or a recording to follow.",
    ),
    option(
        "--intensity-match",
        section="Controls",
        type=click.Choice(["level", "shape", "gain"]),
        help="Follow the decibels (level, the default), only their rise and fall, or count them "
        "from the level of IN, as a fader does (gain).",
    ),
    option(
        "--melody",
        section="Controls",
        metavar="FILE|NOTES",
        help='A .mid file, "C4 1, E4 0.5, rest 1" (seconds; 1b: beats at --bpm), or a recording.',
    ),
    option(
        "--melody-reading",
        section="Controls",
        type=click.Choice(["lead", "harmony"]),
        help="Of a recording, follow its one voice (lead, the default) or all its harmony.",
    ),
    option(
        "--structure",
        section="Controls",
        metavar="FORM|FILE",
        help='"A:2 B:2 A:2" (seconds), "A:1bar B:1bar", markers (.txt .csv .json), or a '
        "recording whose form is copied.",
    ),
    option(
        "--text-match",
        section="Controls",
        metavar="WORDS",
        type=Words(500),
        help="Let an audio-text model find that the music sounds like these words.",
    ),
    option(
        "--weight",
        "weights",
        section="Controls",
        metavar="NAME=VALUE",
        type=Weighting(WEIGHED, MOST_WEIGHT),
        multiple=True,
        help=f"How much a control counts: {', '.join(WEIGHED)}. May be given again.",
    ),
    option(
        "--balance",
        section="Controls",
        is_flag=True,
        help="Weigh the controls so that none drowns another.",
    ),
)

_SEARCH = (
    option(
        "--quality",
        section="Search",
        type=click.Choice(["draft", "normal", "best", "paper"]),
        default="normal",
        show_default=True,
        help="How long to search for music that fits; paper: the settings of the DITTO paper.",
    ),
    option(
        "--model",
        section="Search",
        type=Words(64, r"[a-z0-9][a-z0-9._-]*", "embedded"),
        default="embedded",
        show_default=True,
        help="Model to make the music with.",
    ),
    option(
        "--from",
        "start_from",
        section="Search",
        metavar="RESULT",
        type=FILE,
        help="Go on from an earlier result (its music or its .ditto.json).",
    ),
    option(
        "--from-take",
        section="Search",
        type=Number("take", 1, MOST_TAKES, whole=True),
        help="Which take of it; the first if not given.",
    ),
    option(
        "--resample",
        section="Search",
        is_flag=True,
        help="With --from: use its noise as it is, without further search.",
    ),
)

_OUTPUT = (
    option(
        "--print-spec",
        section="Output",
        is_flag=True,
        is_eager=True,
        help="Print the request as JSON for `ditto run`, and make nothing.",
    ),
    option(
        "-o",
        "--out",
        section="Output",
        type=FILE,
        callback=_required_to_write,
        help="File to write: .wav .flac .aiff .ogg .mp3  [required]",
    ),
    option(
        "--plot",
        section="Output",
        type=FILE,
        help="Draw the result: waveform, spectrogram, and each control's target and outcome.",
    ),
    option(
        "--json",
        "as_json",
        section="Output",
        is_flag=True,
        help="Print one JSON manifest on stdout, for scripts.",
    ),
    option(
        "--manifest/--no-manifest",
        section="Output",
        default=True,
        help="Write OUT.ditto.json beside OUT, from which `ditto run` makes it again.  "
        "[default: manifest]",
    ),
)

output_options: Callable[[Command], Command] = all_of(_OUTPUT)
"""Adds what becomes a Delivery."""

music_options: Callable[[Command], Command] = all_of(_MUSIC + _CONTROLS + _SEARCH + _OUTPUT)
"""Adds all that the music commands share; the command hands its keywords to `parted`."""
