"""Generated clips beside the real ones they were told to be: log-mel spectrograms, one page."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor

from engine.training.corpus.composition import Composition

QUIETEST, LOUDEST = -60.0, 40.0
"""Of the colours, in dB as the codec counts them."""


def draw(path: Path, real: Tensor, made: Tensor, pieces: Sequence[Composition]) -> None:
    """Write a PNG with a row for each piece: real left, generated right; (clips, bins, frames)."""
    figure = Figure(figsize=(10, 1.1 * len(pieces) + 0.4), dpi=90, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(pieces), 2, sharex=True, sharey=True, squeeze=False)
    for row, pair, piece in zip(axes, zip(real, made, strict=True), pieces, strict=True):
        for axis, mel in zip(row, pair, strict=True):
            axis.imshow(
                mel.numpy(),
                origin="lower",
                aspect="auto",
                vmin=QUIETEST,
                vmax=LOUDEST,
                cmap="magma",
            )
            axis.set_xticks([])
            axis.set_yticks([])
        row[0].set_ylabel(piece.style, fontsize=8)
        told = f"{piece.bpm} bpm, {piece.root} {piece.mode}, {', '.join(piece.instruments)}"
        row[0].set_title(f"{told}, {piece.dynamics}", fontsize=6, loc="left")
    axes[0][1].set_title("generated from the same words", fontsize=6, loc="left")
    figure.savefig(path, format="png")
