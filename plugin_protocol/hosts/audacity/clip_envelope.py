"""The envelope that is drawn on clips, as a gain over time.

Between two points Audacity moves in a straight line of decibels; before the first and after the
last it stays where they are.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from .float_wav import Sound

# What a curve for DITTO may have: -60 dB, and 512 points.
_SILENCE = math.log(1e-3)
_MOST = 500
_STEP = 0.001


class Envelope:
    """The envelopes of all clips of one track; times are seconds of the project."""

    def __init__(self, clips: Sequence[dict[str, Any]]) -> None:
        # Straight lines, one after the other: where each begins and ends, its height, its slope.
        self._lines = sorted(line for clip in clips for line in _lines(clip))
        self._starts = [line[0] for line in self._lines]

    def log_gain(self, time: float) -> float:
        """Return the natural logarithm of the gain: 0 where nothing is drawn."""
        at = bisect_right(self._starts, time) - 1
        if at < 0 or time >= self._lines[at][1]:
            return 0.0
        start, _, height, slope = self._lines[at]
        return height + slope * (time - start)

    def is_drawn(self, start: float, end: float) -> bool:
        """Whether anything is drawn on what lies between."""
        return any(line[0] < end and start < line[1] for line in self._lines)

    def bake(self, sound: Sound, start: float, raw: tuple[float, float] | None = None) -> None:
        """Make the sound, which begins at `start`, as loud as it is heard, but not within `raw`."""
        raw_start, raw_end = raw or (math.inf, math.inf)
        for frame in range(sound.frames):
            time = start + frame / sound.rate
            if not raw_start <= time < raw_end:
                gain = math.exp(self.log_gain(time))
                for at in range(frame * sound.channels, (frame + 1) * sound.channels):
                    sound.samples[at] *= gain

    def decibels(self, start: float, end: float) -> list[tuple[float, float]]:
        """Return the curve as points: seconds after `start`, and dB."""
        marks = {mark for line in self._lines for mark in line[:2]}
        # Just before each one as well: where two lines meet there may be a step.
        inside = {time for mark in marks for time in (mark - _STEP, mark) if start < time < end}
        times = [start, *sorted(inside), end - _STEP]
        times = times[:: len(times) // _MOST + 1] + times[-1:]
        levels = {time - start: max(self.log_gain(time), _SILENCE) for time in times}
        return [(time, level * 20 / math.log(10)) for time, level in sorted(levels.items())]


def _lines(clip: dict[str, Any]) -> Iterator[tuple[float, float, float, float]]:
    points = [(point["t"], math.log(max(point["y"], 1e-7))) for point in clip["points"]]
    if not points:
        return
    first, last = clip["start"], clip["end"]
    knots = [(-math.inf, points[0][1]), *points, (math.inf, points[-1][1])]
    for (t0, y0), (t1, y1) in zip(knots, knots[1:]):
        start, end = max(t0, first), min(t1, last)
        if start < end:
            slope = 0.0 if y0 == y1 else (y1 - y0) / (t1 - t0)
            yield start, end, y0 + slope * (start - t0) if slope else y0, slope
