"""Where new music lies in a result, and how times are told to people."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from plugin_protocol.values import Generate, Inpaint, Kind, Loop, Outpaint

Stretch = tuple[float, float]

BEATS_PER_BAR = 4
ROUNDING_SECONDS = 1e-3
"""Lengths are printed in milliseconds; what was printed can be typed back in."""


@dataclass(frozen=True)
class Timeline:
    """Where new music lies in the result, in seconds; endless where the daemon chooses the end."""

    new: tuple[Stretch, ...]
    seconds: float

    @property
    def begins(self) -> float:
        """Where the first new music begins."""
        return min(start for start, _ in self.new)

    @property
    def ends(self) -> float:
        """Where the last new music ends."""
        return max(end for _, end in self.new)


def timeline(job: Kind, clip_seconds: float) -> Timeline:
    """Return the timeline of a job on a clip so long (0 without one)."""
    match job:
        case Generate(seconds=seconds):
            end = seconds or math.inf
            return Timeline(((0.0, end),), end)
        case Outpaint(seconds=seconds, side=side):
            before = seconds if side in ("before", "both") else 0.0
            after = seconds if side in ("after", "both") else 0.0
            end = before + clip_seconds + after
            spans = ((0.0, before), (before + clip_seconds, end))
            return Timeline(tuple(span for span in spans if span[1] > span[0]), end)
        case Inpaint(regions=regions):
            return Timeline(tuple((r.start, r.end) for r in regions), clip_seconds)
        case Loop(seconds=seconds):
            end = clip_seconds + seconds if seconds else math.inf
            return Timeline(((clip_seconds, end),), end)
        case _:
            return Timeline(((0.0, clip_seconds),), clip_seconds)


def clip_start(job: Kind) -> float:
    """Return where in the result the clip begins, in seconds."""
    return job.seconds if isinstance(job, Outpaint) and job.side in ("before", "both") else 0.0


def in_seconds(amount: float, unit: str, bpm: float | None) -> float | None:
    """Return a length in seconds; None for bars of a tempo that is not known yet."""
    if unit == "seconds":
        return amount
    return None if bpm is None else amount * BEATS_PER_BAR * 60 / bpm


def overlap(one: Stretch, other: Stretch) -> bool:
    """Return whether two stretches share more than an edge."""
    return max(one[0], other[0]) < min(one[1], other[1])


def spoken(stretches: Iterable[Stretch]) -> str:
    """Return stretches as "0-2 s and 4-5 s"."""
    return " and ".join(f"{length(start)}-{length(end)} s" for start, end in stretches)


def length(seconds: float) -> str:
    """Return seconds in milliseconds, rounded down, so that what is printed can be typed in."""
    if not math.isfinite(seconds):
        return "the end"
    return f"{int(seconds * 1000 + 1e-6) / 1000:g}"
