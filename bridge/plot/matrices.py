"""Self-similarity, wanted and reached, side by side: light is alike, dark is different."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from numpy.typing import NDArray

from bridge.plot.marks import title
from bridge.plot.picture import Picture
from bridge.spec import Structure
from bridge.timeline import in_seconds
from plugin_protocol.values import MeasuredMatrix


def matrices(part: SubFigure, matrix: MeasuredMatrix, picture: Picture) -> None:
    """Draw both matrices over the seconds that they describe."""
    axes = part.subplots(1, 2, sharex=True, sharey=True)
    name = matrix.name[:1].upper() + matrix.name[1:]
    for axis, data, words in (
        (axes[0], matrix.target, "asked for"),
        (axes[1], matrix.measured, "measured"),
    ):
        image = axis.imshow(
            values(data, matrix.size),
            origin="lower",
            cmap="cividis",
            vmin=-1,
            vmax=1,
            extent=(*matrix.seconds, *matrix.seconds),
            interpolation="nearest",
        )
        _sections(axis, matrix, picture)
        axis.set_xlabel("time (s)")
        title(axis, f"{name}, {words}")
    axes[0].set_ylabel("time (s)")
    part.colorbar(image, ax=list(axes), pad=0.01, label="how alike")


def values(data: bytes, size: int) -> NDArray[Any]:
    """Return (size, size) numbers from -1 to 1."""
    return np.frombuffer(data, np.uint8).reshape(size, size) / 127.5 - 1


def _sections(axis: Axes, matrix: MeasuredMatrix, picture: Picture) -> None:
    """Draw where the form's sections meet, and their labels on the diagonal."""
    for control in picture.controls:
        if not isinstance(control, Structure):
            continue
        now, last = matrix.seconds
        for section in control.sections:
            lasts = in_seconds(section.length, control.unit, picture.music.bpm)
            if lasts is None:
                return
            middle, now = now + lasts / 2, now + lasts
            if now < last - 1e-3:
                axis.axvline(now, color="white", linewidth=1.0, linestyle=":")
                axis.axhline(now, color="white", linewidth=1.0, linestyle=":")
            axis.text(
                middle,
                middle,
                section.label,
                ha="center",
                va="center",
                fontsize=12,
                fontweight="bold",
                parse_math=False,
                bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.75, "lw": 0},
                clip_on=True,
            )
