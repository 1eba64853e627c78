"""Tempo and bar: is the beat where the model was told to put it?

    log-mel (clips, bins, frames) in dB  ->  onsets  ->  tempo (ours, librosa's), first bar line

Tempo counts at twice and at half the speed. The bar line is found by `BarTemplates`: the onsets of
real clips, folded on their bar, show how each style fills a bar; a clip's own onsets, folded on
the bar it was told, are turned until they fit one of these pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from librosa.beat import beat_track
from librosa.onset import onset_strength
from numpy.typing import NDArray
from torch import Tensor

from engine.evaluation.music_metrics import FRAMES_PER_SECOND, OCTAVES, TEMPI
from engine.training.corpus.composition import Composition

Numbers = NDArray[np.float64]

BASS_BINS = 7
"""Mel bins below about 200 Hz, where bass drums and basses begin."""
BANDS = (0, 7, 30, 70, 128)
BEATS_PER_BAR = 4
PLACES = 96
"""Places of a bar that are told apart: six to a sixteenth."""
SMOOTHING = np.hanning(7) / 3
TOLERANCE = 0.04


def onsets(log_mel: Tensor) -> Tensor:
    """Return how much louder each bin grows from frame to frame, (clips, bins, frames - 1) dB."""
    return F.relu(log_mel[..., 1:] - log_mel[..., :-1])


def tempi(log_mel: Tensor) -> list[float]:
    """Return the tempo of each clip in bpm, a whole number from 60 to 180.

    Autocorrelation of the onsets, the bass counted twice more, at one, two and four beats, each lag
    weighed by how many pairs of frames it has.
    """
    growth = onsets(log_mel)
    strength = growth.mean(1) + 2 * growth[:, :BASS_BINS].mean(1)
    strength = strength - strength.mean(1, keepdim=True)
    frames = strength.shape[1]
    correlation = torch.fft.irfft(torch.fft.rfft(strength, 4 * frames).abs() ** 2)[:, :frames]
    pairs = (frames - torch.arange(frames)).clamp_min(frames // 4)
    correlation = correlation / pairs
    total = torch.zeros(len(strength), len(TEMPI))
    for beats in (1, 2, 4):
        lag = torch.from_numpy(60 / TEMPI * FRAMES_PER_SECOND * beats)
        low = lag.long().clamp_max(frames - 2)
        share = (lag - low).float()
        between = correlation[:, low] * (1 - share) + correlation[:, low + 1] * share
        total += torch.where(lag < frames - 1, between, 0.0)
    return [float(TEMPI[best]) for best in total.argmax(1)]


def librosa_tempi(log_mel: Tensor) -> list[float]:
    """Return the tempo of each clip in bpm as librosa's beat tracker hears it; 0: no beat."""
    found = []
    for clip in log_mel.numpy():
        strength = onset_strength(S=clip, sr=44100, hop_length=512)
        tempo, _ = beat_track(onset_envelope=strength, sr=44100, hop_length=512)
        found.append(float(np.atleast_1d(tempo)[0]))
    return found


def same_tempo(found: float, wanted: float, tolerance: float = TOLERANCE) -> bool:
    """Return whether two tempi agree, or one is twice the other, within `tolerance`."""
    return any(abs(found / (wanted * octave) - 1) < tolerance for octave in OCTAVES)


def folded(log_mel: Tensor, bars: Sequence[float]) -> Numbers:
    """Return the onsets of each clip laid over each other bar by bar, (clips, bands, PLACES).

    `bars` are the lengths of a bar in seconds. Place 0 is the clip's first sample; every clip has
    mean 0 and norm 1.
    """
    growth = onsets(log_mel).numpy()
    bands = np.stack([growth[:, a:b].mean(1) for a, b in pairwise(BANDS)], 1)
    frames = np.arange(bands.shape[-1])
    clips = []
    for clip, bar in zip(bands, bars, strict=True):
        period = bar * FRAMES_PER_SECOND
        at = np.arange(PLACES)[:, None] / PLACES * period
        at = at + np.arange(int(np.ceil(len(frames) / period))) * period
        inside = at <= frames[-1]
        smooth = [np.interp(at, frames, np.convolve(band, SMOOTHING, "same")) for band in clip]
        clips.append((np.stack(smooth) * inside).sum(-1) / inside.sum(-1).clip(1))
    return _normalized(np.stack(clips))


@dataclass(frozen=True)
class BarTemplates:
    """What a bar looks like in real clips, (styles, bands, PLACES), its first beat at place 0."""

    pictures: Numbers

    @classmethod
    def of(cls, log_mel: Tensor, pieces: Sequence[Composition]) -> "BarTemplates":
        """Return the mean bar of each style that has drums."""
        bars = [bar_seconds(piece) for piece in pieces]
        clips = folded(log_mel, bars)
        turned = np.stack(
            [
                np.roll(clip, -round(piece.offset % bar / bar * PLACES), -1)
                for clip, piece, bar in zip(clips, pieces, bars, strict=True)
            ]
        )
        styles = sorted({piece.style for piece in pieces if piece.drums})
        of_style = ([p.drums and p.style == style for p in pieces] for style in styles)
        return cls(_normalized(np.stack([turned[which].mean(0) for which in of_style])))

    def bar_lines(self, log_mel: Tensor, bars: Sequence[float]) -> list[float]:
        """Return where the first bar line of each clip is, in bars from its start, 0 to 1.

        `bars` are the lengths of a bar in seconds.
        """
        clips = np.fft.rfft(folded(log_mel, bars))
        pictures = np.fft.rfft(self.pictures)
        # Correlation at every rotation at once; bands add up, the best style counts.
        fits = np.fft.irfft(np.einsum("cbf,sbf->csf", clips, pictures.conj()), PLACES)
        return [float(place) / PLACES for place in fits.max(1).argmax(1)]


def bar_seconds(piece: Composition) -> float:
    """Return the length of a bar."""
    return BEATS_PER_BAR * piece.beat


def off_the_bar(found: float, piece: Composition) -> float:
    """Return by how many beats a bar line (in bars) misses the piece's, -2 to 2."""
    difference = found - piece.offset / bar_seconds(piece)
    return BEATS_PER_BAR * ((difference + 0.5) % 1 - 0.5)


def off_the_beat(found: float, piece: Composition) -> float:
    """Return by how many beats a bar line (in bars) misses the nearest beat, -0.5 to 0.5."""
    return (off_the_bar(found, piece) + 0.5) % 1 - 0.5


def _normalized(pictures: Numbers) -> Numbers:
    centred = pictures - pictures.mean(-1, keepdims=True)
    norm = np.sqrt(np.square(centred).sum((-2, -1), keepdims=True))
    return np.asarray(centred / np.maximum(norm, 1e-9))
