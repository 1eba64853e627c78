"""Loudness asked for as gain: decibels above or below the clip's own level, as a fader has them."""

import numpy as np
from msgspec.structs import replace

from bridge.audio_files import Recording
from bridge.formats.problems import ProblemsError
from bridge.spec import Intensity

FRAME, HOP = 2048, 512
SILENCE_DB = -80.0
"""Added to every frame, as the engine does: pauses count, but not without end."""
LOUDEST_DB = 0.0


def from_gain(control: Intensity, clip: Recording | None, where: str) -> Intensity:
    """Return the control with levels in place of gains; one that asks for no gain as it is.

    0 dB of gain is the clip's level: the mean of its frames' levels in dB. Raises ProblemsError.
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
    level = level_of(clip)
    points = tuple((at, min(LOUDEST_DB, level + gain)) for at, gain in control.points)
    return replace(control, points=points, match="level")


def level_of(clip: Recording) -> float:
    """Return the mean level of the clip's frames in dB relative to full scale."""
    power = np.square(clip.as_float().astype(np.float64)).mean(axis=1)
    total = np.concatenate([[0.0], np.cumsum(power)])
    size = min(FRAME, len(power))
    starts = np.arange(0, len(power) - size + 1, HOP)
    frames = np.maximum(0.0, total[starts + size] - total[starts]) / size
    return float(np.mean(10 * np.log10(frames + 10 ** (SILENCE_DB / 10))))
