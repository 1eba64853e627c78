"""The envelope that is drawn on clips, as a gain over time.

Between two points Audacity moves in a straight line of decibels; before the first and after the
last it stays where they are.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from .float_wav import Sound

# What a curve for DITTO may have: -60 dB, and 512 points.
_SILENCE = math.log(1e-3)
_MOST = 500
_STEP = 0.001


class Envelope:
    """The envelopes of all clips of one track; times are seconds of the project."""

    def __init__(self, clips: Sequence[dict[str, Any]]) -> None:
        self._clips = [
            (clip["start"], clip["end"], [(p["t"], math.log(max(p["y"], 1e-7))) for p in points])
            for clip in clips
            for points in [clip["points"]]
            if points
        ]

    def log_gain(self, time: float) -> float:
        """Return the natural logarithm of the gain: 0 where nothing is drawn."""
        for start, end, points in self._clips:
            if start <= time < end:
                return _between(points, time)
        return 0.0

    def is_drawn(self, start: float, end: float) -> bool:
        """Whether anything is drawn on what lies between."""
        return any(s < end and start < e for s, e, _ in self._clips)

    def bake(self, sound: Sound, start: float, raw: tuple[float, float] | None = None) -> None:
        """Make the sound, which begins at `start`, as loud as it is heard, but not within `raw`."""
        raw_start, raw_end = raw or (math.inf, math.inf)
        for frame in range(sound.frames):
            time = start + frame / sound.rate
            if raw_start <= time < raw_end:
                continue
            gain = math.exp(self.log_gain(time))
            for at in range(frame * sound.channels, (frame + 1) * sound.channels):
                sound.samples[at] *= gain

    def decibels(self, start: float, end: float) -> list[tuple[float, float]]:
        """Return the curve as points: seconds after `start`, and dB."""
        marks = {time for clip in self._clips for time in (clip[0], *(t for t, _ in clip[2]))}
        # Just before each one as well: two points at the same time are a step.
        inside = {time for mark in marks for time in (mark - _STEP, mark) if start < time < end}
        times = [start, *sorted(inside), end - _STEP]
        times = times[:: len(times) // _MOST + 1] + times[-1:]
        levels = {time - start: max(self.log_gain(time), _SILENCE) for time in times}
        return [(time, level * 20 / math.log(10)) for time, level in sorted(levels.items())]


def _between(points: Sequence[tuple[float, float]], time: float) -> float:
    after = bisect_right([t for t, _ in points], time)
    if after == 0:
        return points[0][1]
    if after == len(points):
        return points[-1][1]
    (t0, y0), (t1, y1) = points[after - 1], points[after]
    return y0 + (y1 - y0) * (time - t0) / (t1 - t0)
