"""How well is a waveform made from features? Measures beside the clip the features came from.

    mel error             mean |dB| between the 80-band mels of both, each channel for itself
    convergence           |difference of the magnitudes| / |magnitudes|, 0 is equal
    log distance          mean |difference of the log-magnitudes|, in dB
    attacks               how alike the rises of the level are, 1 is equal; pre-echo lowers it

The middle two are means over three resolutions, so phases that do not fit each other show: audio
whose magnitudes are right at one resolution is wrong at the others.

Source: Yamamoto et al. 2020, "Parallel WaveGAN", section 2.2, for the two distances of magnitudes.
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import lru_cache

import torch
from torch import Tensor

from engine.models.mel_bank import mel_bank
from engine.shapes import Audio

RESOLUTIONS = (512, 1024, 2048)
"""Samples per window; a quarter of it per hop."""
MEL_BANDS = 80
MEL_WINDOW = 2048
FLOOR = 1e-3
"""Added to magnitudes before the logarithm, as the codec does."""
ATTACK_FRAME = 128
"""Samples per value of the level whose rises are compared: 2.9 ms at 44.1 kHz."""


@dataclass(frozen=True)
class Likeness:
    """How alike two waveforms sound, means over clips and channels."""

    mel_error: float
    convergence: float
    log_distance: float
    attacks: float


def likeness(made: Audio, clip: Audio, *, sample_rate: int) -> Likeness:
    """Compare `made` with `clip`."""
    ours, theirs = made.flatten(0, 1), clip.flatten(0, 1)
    return Likeness(
        mel_error=float(mel_error(ours, theirs, sample_rate=sample_rate).mean()),
        convergence=float(_over_resolutions(convergence, ours, theirs).mean()),
        log_distance=float(_over_resolutions(log_distance, ours, theirs).mean()),
        attacks=float(attack_likeness(ours, theirs).mean()),
    )


def mean(reports: list[Likeness]) -> Likeness:
    """Return the mean of each measure."""
    values = torch.tensor([astuple(report) for report in reports], dtype=torch.float64)
    return Likeness(*values.mean(dim=0).tolist())


def mel_error(made: Tensor, clip: Tensor, *, sample_rate: int) -> Tensor:
    """Return the mean |dB| per channel, (channels,), between two (channels, samples)."""
    bank = _bank(sample_rate).to(made)
    levels = [
        20 * torch.log10(bank @ magnitude(x, MEL_WINDOW, MEL_WINDOW // 4) + FLOOR)
        for x in (made, clip)
    ]
    return (levels[0] - levels[1]).abs().mean(dim=(-2, -1))


def convergence(made: Tensor, clip: Tensor, window: int) -> Tensor:
    """Return the relative distance of the magnitudes per channel, (channels,).

    Silence has no scale to be relative to: where the clip is silent, 0 if `made` is, too.
    """
    ours, theirs = (magnitude(x, window, window // 4) for x in (made, clip))
    difference = (ours - theirs).square().sum(dim=(-2, -1)).sqrt()
    return difference / (theirs.square().sum(dim=(-2, -1)).sqrt() + FLOOR)


def log_distance(made: Tensor, clip: Tensor, window: int) -> Tensor:
    """Return the mean |dB| of the magnitudes per channel, (channels,)."""
    ours, theirs = (magnitude(x, window, window // 4) for x in (made, clip))
    return 20 * (torch.log10(ours + FLOOR) - torch.log10(theirs + FLOOR)).abs().mean(dim=(-2, -1))


def attack_likeness(made: Tensor, clip: Tensor) -> Tensor:
    """Return the cosine between the rises of both levels per channel, (channels,).

    The rises are the positive steps of the RMS of 128 samples. A gain changes nothing; attacks that
    are late, blurred or preceded by an echo do. Two silences are alike.
    """
    ours, theirs = (_rises(x) for x in (made, clip))
    product = (ours * theirs).sum(dim=-1)
    norms = ours.norm(dim=-1) * theirs.norm(dim=-1)
    return torch.where(norms > 0, product / norms.clamp_min(1e-30), (ours == theirs).all(-1) * 1.0)


def magnitude(channels: Tensor, window: int, hop: int) -> Tensor:
    """Return the magnitudes (channels, bins, frames) with a Hann window."""
    hann = torch.hann_window(window, dtype=channels.dtype, device=channels.device)
    return torch.stft(channels, window, hop, window=hann, return_complex=True).abs()


def _rises(channels: Tensor) -> Tensor:
    whole = channels.shape[-1] // ATTACK_FRAME * ATTACK_FRAME
    frames = channels[..., :whole].unflatten(-1, (-1, ATTACK_FRAME))
    return frames.square().mean(dim=-1).sqrt().diff(dim=-1).clamp_min(0)


def _over_resolutions(
    measure: Callable[[Tensor, Tensor, int], Tensor], made: Tensor, clip: Tensor
) -> Tensor:
    return torch.stack([measure(made, clip, window) for window in RESOLUTIONS]).mean(dim=0)


@lru_cache(maxsize=4)
def _bank(sample_rate: int) -> Tensor:
    return mel_bank(sample_rate, MEL_WINDOW, MEL_BANDS)
