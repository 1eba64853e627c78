"""The page: a row for the waveform, one for the spectrogram, and one for each control."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bridge.plot.curves import curve, intensity
from bridge.plot.matrices import matrices
from bridge.plot.picture import Picture
from bridge.plot.pitches import chromagram
from bridge.plot.sound import spectrogram, waveform
from bridge.spec import Intensity, Melody

Draw = Callable[[Axes, Picture], None]

INCHES_WIDE, INCHES_PER_MATRIX = 11.0, 4.6
DRAWN_HERE = ("intensity", "shape", "melody")
"""Curves of the engine whose feature is measured here once more."""


def draw(path: Path, picture: Picture) -> None:
    """Write the picture as a PNG."""
    timed = rows(picture)
    heights = [1.2 + sum(height for height, _ in timed)]
    heights += [INCHES_PER_MATRIX] * len(picture.matrices)
    figure = Figure(figsize=(INCHES_WIDE, sum(heights)), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(_headline(picture), fontsize=12, parse_math=False)
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    axes = parts[0].subplots(
        len(timed), 1, sharex=True, squeeze=False, height_ratios=[height for height, _ in timed]
    )[:, 0]
    for axis, (_, draw_row) in zip(axes, timed, strict=True):
        draw_row(axis, picture)
    axes[-1].set_xlim(0, picture.seconds)
    axes[-1].set_xlabel("time (s)")
    for part, matrix in zip(parts[1:], picture.matrices, strict=True):
        matrices(part, matrix, picture)
    figure.savefig(path, format="png")


def rows(picture: Picture) -> list[tuple[float, Draw]]:
    """Return (inches, how it is drawn) of every row that shares the time axis."""
    drawn: list[tuple[float, Draw]] = [(2.0, waveform), (2.4, spectrogram)]
    drawn += [
        (1.6, partial(curve, measurement=measurement))
        for measurement in picture.curves
        if measurement.name not in DRAWN_HERE
    ]
    for control in picture.controls:
        if isinstance(control, Intensity):
            drawn.append((1.9, partial(intensity, control=control)))
        if isinstance(control, Melody):
            drawn.append((2.4, partial(chromagram, control=control)))
    return drawn


def _headline(picture: Picture) -> str:
    music = picture.music
    words = [picture.title, f"{picture.seconds:.2f} s"]
    if music.bpm is not None:
        words.append(f"{music.bpm:.1f} bpm")
    if music.key:
        words.append(music.key)
    return "  ·  ".join(words)
