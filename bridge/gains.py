"""Loudness asked for as gain: decibels above or below the clip's own level, as a fader has them.

The level at a moment lies midway between two: the mean of the frames' levels around it, which the
engine's intensity is, and the level of their mean power. Music of few hits has a low mean, and
asked for that alone a model makes something steady and much too soft. Measured (`vary`, quality
normal; dB by which the result, second by second, misses the clip with the fader applied)::

    asked at                the mean of levels   of the power   midway
    keys, fader at 0 dB     -6.8                 2.5            -0.6
    keys, from -18 to 0     -6.0                 5.0            -1.1
    groove, fader at 0 dB    0.2                 1.8             1.6
    groove, from -18 to 0    1.7                 3.9             2.9
"""

import math

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from bridge.audio_files import Recording
from bridge.formats.problems import ProblemsError
from bridge.spec import Intensity

FRAME, HOP = 2048, 512
AROUND_SECONDS = 1.0
POINT_SECONDS = 0.1
MOST_POINTS = 500
SILENCE_DB = -80.0
"""Added to every frame, as the engine does: pauses count, but not without end."""
LOUDEST_DB = 0.0

Levels = NDArray[np.float64]


def from_gain(
    control: Intensity, clip: Recording | None, where: str, *, clip_start: float = 0.0
) -> Intensity:
    """Return the control with levels in place of gains; one that asks for no gain as it is.

    The clip begins at `clip_start` (s) of the result; where it is not, its mean level counts.
    Raises ProblemsError, which says `where`.
    """
    if control.match != "gain":
        return control
    if control.reference is not None:
        raise ProblemsError(
            [f"{where}: a recording has levels, no gains. Follow it by level or by shape."]
        )
    if clip is None or clip.is_silent:
        raise ProblemsError(
            [
                f"{where} asks for gains, which count from the level of the clip; there is "
                f"{'no clip' if clip is None else 'only silence in it'}. Give levels in dB."
            ]
        )
    seconds, gains = np.array(control.points).T
    at = np.linspace(seconds[0], seconds[-1], _count(seconds[-1] - seconds[0]))
    levels = _levels_at(clip, at - clip_start) + np.interp(at, seconds, gains)
    points = zip(at.tolist(), np.minimum(levels, LOUDEST_DB).tolist(), strict=True)
    return replace(control, points=tuple(points), match="level")


def levels(clip: Recording) -> tuple[Levels, Levels]:
    """Return the times (s) of the clip's frames and its level around each, in dB of full scale."""
    power = np.square(clip.as_float().astype(np.float64)).mean(axis=1)
    total = np.concatenate([[0.0], np.cumsum(power)])
    size = min(FRAME, len(power))
    starts = np.arange(0, len(power) - size + 1, HOP)
    frames = np.maximum(0.0, total[starts + size] - total[starts]) / size
    around = max(1, round(AROUND_SECONDS * clip.sample_rate / HOP))
    of_levels = uniform_filter1d(_decibels(frames), around)
    of_power = _decibels(np.maximum(0.0, uniform_filter1d(frames, around)))
    return (starts + size / 2) / clip.sample_rate, (of_levels + of_power) / 2


def _levels_at(clip: Recording, at: Levels) -> Levels:
    times, known = levels(clip)
    inside = np.interp(at, times, known)
    return np.where((at >= 0) & (at <= clip.seconds), inside, known.mean())


def _count(seconds: float) -> int:
    return min(MOST_POINTS, max(2, math.ceil(seconds / POINT_SECONDS) + 1))


def _decibels(power: Levels) -> Levels:
    return np.asarray(10 * np.log10(power + 10 ** (SILENCE_DB / 10)))
