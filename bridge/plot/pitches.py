"""A chromagram of the finished sound, and the melody that was asked for as outlined cells."""

from itertools import groupby

import matplotlib.patheffects as effects
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from bridge.plot.marks import BLACK, beat_grid, title
from bridge.plot.measured import pitch_classes
from bridge.plot.picture import Picture
from bridge.spec import Melody

NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")

Cell = tuple[float, float, int]
"""(start in s, end in s, pitch class)."""


def chromagram(axis: Axes, picture: Picture, *, control: Melody) -> None:
    """Draw the strength of each pitch class over time, and the wanted ones."""
    seconds, strengths = pitch_classes(picture.audio, picture.sample_rate)
    image = axis.imshow(
        strengths,
        origin="lower",
        aspect="auto",
        cmap="Greys",
        vmin=0,
        vmax=1,
        # Frames are centred on their times.
        extent=(-seconds / 2, (strengths.shape[1] - 0.5) * seconds, -0.5, 11.5),
        interpolation="nearest",
    )
    for start, end, pitch_class in cells(control, picture):
        axis.add_patch(
            Rectangle(
                (start, pitch_class - 0.5),
                end - start,
                1,
                fill=False,
                edgecolor="#D55E00",
                linewidth=1.8,
                zorder=3,
                path_effects=[effects.withStroke(linewidth=3.4, foreground="white")],
            )
        )
    axis.set_ylim(-0.5, 11.5)
    axis.set_yticks(range(12), NAMES, fontsize=7, color=BLACK)
    beat_grid(axis, picture, label=False)
    axis.set_ylabel("pitch class")
    title(axis, "Chromagram from middle C up (outlined: the melody that was asked for)")
    axis.figure.colorbar(image, ax=axis, pad=0.01, label="strength")


def cells(control: Melody, picture: Picture) -> list[Cell]:
    """Return the cells of the notes, or of what the engine heard in the reference."""
    if control.notes:
        return [(note.start, note.end, note.pitch % 12) for note in control.notes]
    for measured in picture.curves:
        if measured.name == "melody" and len(measured.seconds) > 1:
            return _runs(measured.seconds, measured.target)
    return []


def _runs(seconds: tuple[float, ...], target: tuple[float, ...]) -> list[Cell]:
    """Return a cell for every run of equal pitch classes; below 0 are rests."""
    step = seconds[1] - seconds[0]
    found: list[Cell] = []
    for value, run in groupby(zip(seconds, target, strict=True), key=lambda pair: round(pair[1])):
        times = [time for time, _ in run]
        if 0 <= value < 12:
            found.append((times[0] - step / 2, times[-1] + step / 2, value))
    return found
