"""A target, dashed, and what was measured: of the clip's overlap, and of the intensity."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from bridge.plot.marks import BLACK, GREEN, beat_grid, legend, shade, title
from bridge.plot.measured import loudness
from bridge.plot.picture import Picture
from bridge.spec import Intensity
from plugin_protocol.values import MeasuredCurve

ROOM_DB = 6.0
"""Above and below what is drawn."""
LOWEST_DB = -70.0


def curve(axis: Axes, picture: Picture, *, measurement: MeasuredCurve) -> None:
    """Draw what the engine measured of one objective."""
    seconds = measurement.seconds
    axis.plot(seconds, measurement.target, color=BLACK, linestyle="--", label="target")
    axis.plot(seconds, measurement.measured, color=GREEN, linewidth=1.8, label="measured")
    _dress(axis, picture, measurement.unit)
    title(axis, measurement.name[:1].upper() + measurement.name[1:])
    legend(axis)


def intensity(axis: Axes, picture: Picture, *, control: Intensity) -> None:
    """Draw the intensity of the finished sound and the curve it was to follow."""
    times, levels = loudness(picture.audio, picture.sample_rate)
    axis.plot(times, levels, color=GREEN, linewidth=1.8, label="measured")
    wanted, target = _target(control, picture)
    drawn = [levels]
    if len(target):
        if control.match == "shape":
            # Only rise and fall were asked for: the target is shown at the level that came.
            target = target - target.mean() + np.interp(wanted, times, levels).mean()
        axis.plot(wanted, target, color=BLACK, linestyle="--", linewidth=1.6, label="target")
        drawn.append(target)
    low = max(LOWEST_DB, min(curve.min() for curve in drawn))
    axis.set_ylim(low - ROOM_DB, max(curve.max() for curve in drawn) + ROOM_DB)
    _dress(axis, picture, "dB")
    shape = ", rise and fall only" if control.match == "shape" else ""
    title(axis, f"Intensity{shape}")
    legend(axis)


def _target(control: Intensity, picture: Picture) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return (times, dB) of the points, or of what the engine heard in the reference."""
    if control.points:
        times, levels = np.array(control.points).T
        # A straight line between points far apart would have no mean of its own.
        steps = np.unique(np.concatenate([times, np.linspace(times[0], times[-1], 200)]))
        return steps, np.interp(steps, times, levels)
    for measured in picture.curves:
        if measured.name in ("intensity", "shape"):
            return np.array(measured.seconds), np.array(measured.target)
    return np.zeros(0), np.zeros(0)


def _dress(axis: Axes, picture: Picture, unit: str) -> None:
    shade(axis, picture)
    beat_grid(axis, picture, label=False)
    axis.set_ylabel(unit)
