"""Log-mel spectrograms of clips: generated beside real, and many on one page."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from engine.training.corpus.composition import Composition

QUIETEST, LOUDEST = -60.0, 40.0
"""Of the colours, in dB as the codec counts them."""
COLOURS = 48


def draw(path: Path, real: Tensor, made: Tensor, pieces: Sequence[Composition]) -> None:
    """Write a PNG with a row for each piece: real left, generated right; (clips, bins, frames)."""
    titles = []
    for piece in pieces:
        told = f"{piece.bpm} bpm, {piece.root} {piece.mode}, {', '.join(piece.instruments)}"
        titles += [f"{piece.style}, {told}, {piece.dynamics}", "generated from the same words"]
    pairs = [mel for pair in zip(real, made, strict=True) for mel in pair]
    draw_sheet(path, pairs, titles, columns=2)


def draw_sheet(path: Path, mels: Sequence[Tensor], titles: Sequence[str], *, columns: int) -> None:
    """Write a PNG with one spectrogram (bins, frames) for each title, row by row."""
    rows = -(-len(mels) // columns)
    figure = Figure(figsize=(5 * columns, 1.1 * rows + 0.2), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False).flatten()
    for axis, mel, title in zip(axes, mels, titles, strict=False):
        _show(axis, mel, title)
    for axis in axes[len(mels) :]:
        axis.set_axis_off()
    drawn = BytesIO()
    figure.savefig(drawn, format="png")
    # A palette makes a third of the file.
    with Image.open(drawn) as picture:
        picture.convert("RGB").quantize(COLOURS).save(path, format="png", optimize=True)


def _show(axis: Axes, mel: Tensor, title: str) -> None:
    axis.imshow(
        mel.numpy(), origin="lower", aspect="auto", vmin=QUIETEST, vmax=LOUDEST, cmap="magma"
    )
    axis.set_xticks([])
    axis.set_yticks([])
    axis.set_title(title, fontsize=6, loc="left")
