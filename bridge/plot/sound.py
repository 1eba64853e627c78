"""The sound itself: waveform and mel spectrogram, with what is new in its own colour."""

from typing import Any

import librosa
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from bridge.plot.marks import BLUE, ORANGE, beat_grid, legend, shade, title
from bridge.plot.picture import Picture
from bridge.sample_types import Samples

COLUMNS = 2000
MELS = 96
HIGHEST_HZ = 20_000
TICKS_HZ = (200, 500, 1000, 2000, 5000, 10_000)
RANGE_DB = 80.0


def waveform(axis: Axes, picture: Picture) -> None:
    """Draw the lowest and highest sample of every column."""
    low, high, times = _envelope(picture.audio, picture.sample_rate)
    is_new = np.zeros(len(times), dtype=bool)
    for span in picture.new:
        start, end = (position / picture.sample_rate for position in (span.start, span.end))
        is_new |= (times >= start) & (times < end)
    for mask, color, label in ((~is_new, BLUE, "clip"), (is_new, ORANGE, "new")):
        if mask.any():
            axis.fill_between(times, low, high, where=mask, color=color, label=label, linewidth=0)
    shade(axis, picture)
    beat_grid(axis, picture, label=True)
    peak = max(1e-3, float(np.abs(picture.audio).max(initial=0)))
    axis.set_ylim(-1.08 * peak, 1.08 * peak)
    axis.set_ylabel("amplitude")
    title(axis, "Waveform")
    legend(axis)


def spectrogram(axis: Axes, picture: Picture) -> None:
    """Draw the power of mel bands over time."""
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
    title(axis, "Mel spectrogram (dashed: where new and clip meet)")
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


def _envelope(audio: Samples, sample_rate: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return lowest and highest sample of each column, and the columns' times in s."""
    width = max(1, -(-len(audio) // COLUMNS))
    starts = np.arange(0, len(audio), width)
    low = np.minimum.reduceat(audio.min(axis=1), starts)
    high = np.maximum.reduceat(audio.max(axis=1), starts)
    return low, high, starts / sample_rate
