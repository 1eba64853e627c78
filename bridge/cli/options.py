"""What the music commands share, and the words of a command line as numbers.

Every refusal says what was asked, the limit and an example.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

MOST_SECONDS = 600.0
MOST_OVERLAP = 30.0
MOST_TAKES = 8

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Common:
    """The options every music command takes. Paths: takes after the first add -2, -3 ..."""

    out: Path
    prompt: str
    seed: int
    takes: int
    bpm: float | None
    beat_offset: float | None
    key: str | None
    model: str
    quality: Literal["draft", "normal", "best"]
    as_json: bool
    plot: Path | None


class Number(click.ParamType[float]):
    """A number within limits; `of` names the unit or thing counted."""

    name = "number"

    def __init__(
        self, of: str, low: float, high: float, *, above: bool = False, whole: bool = False
    ) -> None:
        self.of, self.low, self.high = of, low, high
        self.above, self.whole = above, whole

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number, or fail with a sentence."""
        try:
            number = int(value) if self.whole else float(value)
        except ValueError:
            number = math.nan  # which is outside every range
        if (self.low < number if self.above else self.low <= number) and number <= self.high:
            return number
        kind = "a whole number" if self.whole else "a number"
        span = f"above {self.low:.15g} and up to" if self.above else f"from {self.low:.15g} to"
        raise click.BadParameter(
            f"{_name(param)} takes {kind} of {self.of} {span} {self.high:.16g}; "
            f"you gave '{value}'.",
            ctx,
            param,
        )


class Words(click.ParamType[str]):
    """Text up to a length, and of a pattern where one is given."""

    name = "text"

    def __init__(self, most: int, pattern: str = "", example: str = "") -> None:
        self.most, self.pattern, self.example = most, pattern, example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, or fail with a sentence."""
        text = str(value)
        if len(text) > self.most:
            sentence = f"{_name(param)} takes up to {self.most} characters; you gave {len(text)}."
        elif self.pattern and not re.fullmatch(self.pattern, text):
            sentence = f"{_name(param)} takes a name such as {self.example}; you gave '{text}'."
        else:
            return text
        raise click.BadParameter(sentence, ctx, param)


class Stretch(click.ParamType[tuple[float, float]]):
    """START-END in seconds."""

    name = "start-end"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        """Return (start, end) in seconds, or fail with a sentence."""
        number = r"\s*(\d+\.?\d*|\.\d+)\s*"
        match = re.fullmatch(f"{number}-{number}", str(value))
        if not match:
            raise click.BadParameter(
                f"{_name(param)} takes START-END in seconds, such as 2.5-4; you gave '{value}'.",
                ctx,
                param,
            )
        return float(match[1]), float(match[2])


def _name(param: click.Parameter | None) -> str:
    return param.opts[-1] if param else "this option"


SECONDS = Number("seconds", 0, MOST_SECONDS, above=True)
OVERLAP = Number("seconds", 0, MOST_OVERLAP, above=True)
FILE = click.Path(path_type=Path)

_OPTIONS = (
    click.option(
        "-o", "--out", type=FILE, required=True, help="File to write: .wav .flac .aiff .ogg .mp3"
    ),
    click.option(
        "--prompt",
        type=Words(2000),
        default="",
        help="The music in words: style, instruments, mood, key, tempo.",
    ),
    click.option(
        "--seed",
        type=Number("seed", 0, 2**53 - MOST_TAKES, whole=True),
        default=0,
        show_default=True,
        help="Another seed makes another version.",
    ),
    click.option(
        "--takes",
        type=Number("takes", 1, MOST_TAKES, whole=True),
        default=1,
        show_default=True,
        help="Versions to make, from this seed and those after it; written as OUT, OUT-2, ...",
    ),
    click.option(
        "--bpm",
        type=Number("beats per minute", 20, 400),
        help="Tempo. Estimated from IN if not given.",
    ),
    click.option(
        "--beat-offset",
        type=Number("seconds", -3600, 3600),
        help="Where a bar of IN begins, in seconds from its start. Estimated if not given.",
    ),
    click.option(
        "--key", type=Words(200), help="Such as 'A minor'. Estimated from IN if not given."
    ),
    click.option(
        "--model",
        type=Words(64, r"[a-z0-9][a-z0-9._-]*", "embedded"),
        default="embedded",
        show_default=True,
        help="Model to make the music with.",
    ),
    click.option(
        "--quality",
        type=click.Choice(["draft", "normal", "best"]),
        default="normal",
        show_default=True,
        help="How long to search for music that fits.",
    ),
    click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON manifest on stdout, for scripts."
    ),
    click.option(
        "--plot",
        type=FILE,
        help="Draw the result: waveform, spectrogram and measurements, as a PNG.",
    ),
)


def music_options(command: Command) -> Command:
    """Add the common options; the command hands its extra keywords to `Common`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
