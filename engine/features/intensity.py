"""Intensity: how loud the music is over time, in decibels relative to full scale.

    w * 20 log10 RMS(audio),   w the Savitzky-Golay filter over one second

A constant 1 reads 0 dB, a full-scale sine -3.01 dB. Channels are averaged in power, so two equal
channels read the same as one.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, "Intensity Control"; the filter from Wu et al.
2023, Music ControlNet, arXiv:2311.07069. Chosen: filter order 2; a floor of -80 dB.
"""

import torch

from engine.features.power import require_samples
from engine.features.savitzky_golay import odd_frames, smooth
from engine.shapes import Audio, Curve, Power

SILENCE_DB = -80.0
SMOOTHING_SECONDS = 1.0


def frame_levels(audio: Audio, *, window: int, hop: int) -> Curve:
    """Return the level of `window` samples around each `hop`-th sample, in dB.

    Equals `librosa.feature.rms(..., pad_mode="reflect")` in dB, without its last frame.
    """
    require_samples(audio, window)
    samples = audio.shape[-1]
    # Mirrored and then squared is squared and then mirrored; the latter pads one channel only.
    energy = audio.square().mean(dim=1, keepdim=True)
    energy = torch.nn.functional.pad(energy, (window // 2, window // 2), mode="reflect")
    mean = torch.nn.functional.avg_pool1d(energy, window, stride=hop)[:, 0, : samples // hop]
    return _decibels(mean)


def levels_of_power(power: Power, *, n_fft: int) -> Curve:
    """Return the level of each frame in dB: by Parseval, that of the samples under its window."""
    # All bins but the first and the last stand for two: their own and the mirrored frequency.
    energy = 2 * power.sum(dim=1) - power[:, 0] - power[:, -1]
    # The squares of a Hann window sum to 3/8 of its length.
    return _decibels(energy / (n_fft * 0.375 * n_fft))


def intensity(levels: Curve, *, frame_seconds: float) -> Curve:
    """Return `levels` smoothed over one second."""
    return smooth(levels, window=odd_frames(SMOOTHING_SECONDS, frame_seconds=frame_seconds))


def _decibels(energy: Curve) -> Curve:
    # The floor is added, not clamped: a clamp would leave silent frames no gradient to grow from.
    return 10 * torch.log10(energy + 10 ** (SILENCE_DB / 10))
