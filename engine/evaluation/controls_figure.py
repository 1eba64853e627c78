"""Three controls at a glance, as the paper's figure 3: what was asked, what librosa hears.

    python -m engine.evaluation.controls_figure PICTURE.png [--quality normal] [--seed 0]

Top to bottom: the level of a swell; pitch classes above middle C with the asked melody on them; the
self-similarity of a form beside the one that was asked. On the left the same seed without.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, FigureBase

from engine.controls import Intensity, Melody, Structure
from engine.evaluation import control_measures as measures
from engine.evaluation.control_measures import Signal
from engine.evaluation.control_runs import make, request_of
from engine.evaluation.control_targets import SECONDS, TARGETS, Target
from engine.models import load
from engine.models.music_model import MusicModel

BLACK, GREEN, WHITE = "#000000", "#009E73", "#FFFFFF"
NOTE_NAMES = ("C", "", "D", "", "E", "F", "", "G", "", "A", "", "B")
EXAMPLES = (("intensity", 2), ("melody", 2), ("structure", 1))
"""A swell, a scale, and ABA."""

Pair = tuple[Signal, Signal]
"""Music without the control, and with it."""


def draw(path: Path, intensity: Pair, melody: Pair, structure: Pair) -> None:
    """Write the picture of three pieces without and with the control of EXAMPLES, as a PNG."""
    targets = [TARGETS[control][number] for control, number in EXAMPLES]
    figure = Figure(figsize=(11, 9), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(3, 1, height_ratios=[1, 1.1, 1.6])
    rows = [figure.add_subfigure(grid[row]) for row in range(3)]
    for axis, audio, word in _columns(rows[0], intensity):
        _level(axis, audio, targets[0])
        axis.set_title(f"Intensity, {word}", loc="left", fontsize=10)
    for axis, audio, word in _columns(rows[1], melody):
        _chroma(axis, audio, targets[1])
        axis.set_title(f"Melody, {word}", loc="left", fontsize=10)
    axes = rows[2].subplots(1, 3)
    for axis, audio, word in zip(axes[:2], structure, ("without", "with the control"), strict=True):
        _matrix(axis, measures.self_similarity(audio))
        axis.set_title(f"Structure {targets[2].name}, {word}", loc="left", fontsize=10)
    _matrix(axes[2], _asked_matrix(targets[2]))
    axes[2].set_title("asked", loc="left", fontsize=10)
    figure.savefig(path, format="png")


def _columns(row: FigureBase, pair: Pair) -> list[tuple[Axes, Signal, str]]:
    axes = row.subplots(1, 2, sharey=True)
    return list(zip(axes, pair, ("without", "with the control"), strict=True))


def _level(axis: Axes, audio: Signal, target: Target) -> None:
    assert isinstance(target.control, Intensity)
    curve = measures.intensity_curve(audio)
    axis.plot(measures.frame_times(len(curve)), curve, color=GREEN, label="measured")
    axis.plot(*zip(*target.control.points, strict=True), "--", color=BLACK, label="asked")
    axis.set(xlim=(0, SECONDS), xlabel="time (s)", ylabel="dB")
    axis.legend(loc="upper right", fontsize=8, frameon=False)


def _chroma(axis: Axes, audio: Signal, target: Target) -> None:
    assert isinstance(target.control, Melody)
    chroma = measures.pitch_classes(audio)
    end = float(measures.frame_times(chroma.shape[1])[-1])
    axis.imshow(
        chroma, origin="lower", aspect="auto", cmap="magma", extent=(0, end, -0.5, 11.5),
        interpolation="nearest",
    )  # fmt: skip
    for note in target.control.notes:
        pitch_class = note.pitch % 12
        axis.fill_between(
            (note.start, note.end), pitch_class - 0.5, pitch_class + 0.5,
            facecolor="none", edgecolor=WHITE, linewidth=1.4,
        )  # fmt: skip
    axis.set_yticks(range(12), NOTE_NAMES)
    axis.set(xlim=(0, SECONDS), xlabel="time (s); frames: the asked notes", ylabel="pitch class")


def _asked_matrix(target: Target) -> measures.Numbers:
    assert isinstance(target.control, Structure)
    times = measures.frame_times(round(SECONDS * measures.SAMPLE_RATE / measures.HOP))
    return measures.asked_similarity(times, target.control.sections)


def _matrix(axis: Axes, matrix: measures.Numbers) -> None:
    axis.imshow(
        np.ma.masked_invalid(matrix), origin="lower", cmap="viridis", vmin=-0.5, vmax=1,
        extent=(0, SECONDS, 0, SECONDS), interpolation="nearest",
    )  # fmt: skip
    axis.set(xlabel="time (s)", ylabel="time (s)")


def make_examples(model: MusicModel, *, quality: str, seed: int) -> tuple[Pair, ...]:
    """Return the music of EXAMPLES, without and with the control."""
    pairs = []
    for control, number in EXAMPLES:
        target = TARGETS[control][number]
        free = request_of(target.setting, target.seconds, seed, quality)
        steered = replace(free, controls=(target.control,))
        pairs.append((make(free, None, model).audio, make(steered, None, model).audio))
    return tuple(pairs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draw three controls at work.")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--quality", default="normal")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    examples = make_examples(load("embedded"), quality=arguments.quality, seed=arguments.seed)
    draw(arguments.picture, *examples)
