"""One picture of one result: waveform, spectrogram, and each control's curve with its target.

Colours are Okabe and Ito's, which people with any colour vision can tell apart; targets and
measurements also differ in line style.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import librosa
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bridge.sample_types import Samples
from bridge.spec import Control
from plugin_protocol.values import MeasuredCurve, MeasuredMatrix, Music, Span

BLUE, ORANGE, BLACK, GREEN = "#0072B2", "#E69F00", "#000000", "#009E73"
BEATS_PER_BAR = 4
COLUMNS = 2000
MELS = 96
HIGHEST_HZ = 20_000
TICKS_HZ = (200, 500, 1000, 2000, 5000, 10_000)
RANGE_DB = 80.0


@dataclass(frozen=True)
class Picture:
    """What is drawn: `audio` (samples, channels) at full scale 1, the rest as the daemon said."""

    audio: Samples
    sample_rate: int
    new: tuple[Span, ...]
    clip_start: int
    music: Music
    curves: tuple[MeasuredCurve, ...]
    matrices: tuple[MeasuredMatrix, ...]
    controls: tuple[Control, ...]
    title: str

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.audio) / self.sample_rate


def draw(path: Path, picture: Picture) -> None:
    """Write the picture as a PNG."""
    rows = 2 + len(picture.curves)
    figure = Figure(figsize=(11, 1.2 + 2.0 * rows), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(
        rows, 1, sharex=True, squeeze=False, height_ratios=[2, 2.4] + [1.6] * len(picture.curves)
    )[:, 0]
    figure.suptitle(_headline(picture), fontsize=12, parse_math=False)
    _waveform(axes[0], picture)
    _spectrogram(axes[1], picture)
    for axis, curve in zip(axes[2:], picture.curves, strict=True):
        _curve(axis, curve, picture)
    axes[-1].set_xlim(0, picture.seconds)
    axes[-1].set_xlabel("time (s)")
    figure.savefig(path, format="png")


def _headline(picture: Picture) -> str:
    music = picture.music
    words = [picture.title, f"{picture.seconds:.2f} s"]
    if music.bpm is not None:
        words.append(f"{music.bpm:.1f} bpm")
    if music.key:
        words.append(music.key)
    return "  ·  ".join(words)


def _waveform(axis: Axes, picture: Picture) -> None:
    low, high, times = _envelope(picture.audio, picture.sample_rate)
    is_new = np.zeros(len(times), dtype=bool)
    for span in picture.new:
        start, end = (position / picture.sample_rate for position in (span.start, span.end))
        is_new |= (times >= start) & (times < end)
    for mask, color, label in ((~is_new, BLUE, "clip"), (is_new, ORANGE, "new")):
        if mask.any():
            axis.fill_between(times, low, high, where=mask, color=color, label=label, linewidth=0)
    _shade(axis, picture)
    _beat_grid(axis, picture, label=True)
    peak = max(1e-3, float(np.abs(picture.audio).max(initial=0)))
    axis.set_ylim(-1.08 * peak, 1.08 * peak)
    axis.set_ylabel("amplitude")
    _title(axis, "Waveform")
    _legend(axis)


def _spectrogram(axis: Axes, picture: Picture) -> None:
    top = min(HIGHEST_HZ, picture.sample_rate / 2)
    image = axis.imshow(
        _mel_levels(picture, top),
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=-RANGE_DB,
        vmax=0,
        extent=(0, picture.seconds, 0, MELS),
        interpolation="nearest",
    )
    ticks = [hertz for hertz in TICKS_HZ if hertz < top]
    centers = librosa.mel_frequencies(MELS + 2, fmin=0, fmax=top)[1:-1]
    rows = np.interp(ticks, centers, np.arange(MELS) + 0.5)
    axis.set_yticks(rows, [f"{hertz / 1000:g}" for hertz in ticks])
    for position in _seams(picture):
        axis.axvline(position, color="white", linestyle="--", linewidth=1.2)
    axis.set_ylabel("frequency (kHz)")
    _title(axis, "Mel spectrogram (dashed: where new and clip meet)")
    axis.figure.colorbar(image, ax=axis, pad=0.01, label="dB below peak")


def _mel_levels(picture: Picture, top: float) -> NDArray[Any]:
    """Return (mel bands, frames) in dB below the loudest, with windows of 40 to 75 ms."""
    fft = 2 ** int(np.log2(picture.sample_rate * 0.075))
    power = librosa.feature.melspectrogram(
        y=picture.audio.mean(axis=1).astype(np.float32),
        sr=picture.sample_rate,
        n_fft=fft,
        hop_length=fft // 4,
        n_mels=MELS,
        fmax=top,
    )
    return np.asarray(librosa.power_to_db(power, ref=np.max, top_db=RANGE_DB))


def _seams(picture: Picture) -> list[float]:
    edges = {edge for span in picture.new for edge in (span.start, span.end)}
    inner = edges - {0, len(picture.audio)}
    return sorted(edge / picture.sample_rate for edge in inner)


def _curve(axis: Axes, curve: MeasuredCurve, picture: Picture) -> None:
    axis.plot(curve.seconds, curve.target, color=BLACK, linestyle="--", label="target")
    axis.plot(curve.seconds, curve.measured, color=GREEN, linewidth=1.8, label="measured")
    _shade(axis, picture)
    _beat_grid(axis, picture, label=False)
    axis.set_ylabel(curve.unit)
    _title(axis, curve.name[:1].upper() + curve.name[1:])
    _legend(axis)


def _shade(axis: Axes, picture: Picture) -> None:
    for span in picture.new:
        start, end = (position / picture.sample_rate for position in (span.start, span.end))
        axis.axvspan(start, end, color=ORANGE, alpha=0.12, linewidth=0)


def _beat_grid(axis: Axes, picture: Picture, *, label: bool) -> None:
    """Draw a thin line on every beat and a stronger one on every downbeat, if they are known."""
    for number, time in beats(picture):
        is_bar = number % BEATS_PER_BAR == 0
        axis.axvline(
            time,
            color=BLACK,
            alpha=0.45 if is_bar else 0.18,
            linewidth=0.9 if is_bar else 0.6,
            zorder=0,
            label="downbeat" if label and number == 0 else None,
        )


def beats(picture: Picture) -> list[tuple[int, float]]:
    """Return (number, time in s) of every beat in the result; every fourth is a downbeat."""
    music = picture.music
    if music.bpm is None or music.beat_offset is None:
        return []
    period = 60.0 / music.bpm
    downbeat = picture.clip_start / picture.sample_rate + music.beat_offset
    first = int(np.ceil(-downbeat / period))
    last = int(np.floor((picture.seconds - downbeat) / period))
    return [(number, downbeat + number * period) for number in range(first, last + 1)]


def _envelope(audio: Samples, sample_rate: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return lowest and highest sample of each column, and the columns' times in s."""
    width = max(1, -(-len(audio) // COLUMNS))
    starts = np.arange(0, len(audio), width)
    low = np.minimum.reduceat(audio.min(axis=1), starts)
    high = np.maximum.reduceat(audio.max(axis=1), starts)
    return low, high, starts / sample_rate


def _title(axis: Axes, words: str) -> None:
    axis.set_title(words, loc="left", fontsize=10)


def _legend(axis: Axes) -> None:
    # Beside the title: inside, it would hide the music.
    axis.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        borderaxespad=0.1,
        fontsize=8,
        frameon=False,
        ncols=3,
    )
