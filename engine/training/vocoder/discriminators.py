"""Networks that tell clips from what a decoder plays, each by the spectrogram of another window.

    audio (batch, 2, samples)  ->  log-magnitudes of each channel  ->  a judgement per place

Source: the resolutions of Jang et al. 2021, "UnivNet", arXiv:2106.07889; least squares after Mao et
al. 2017, arXiv:1611.04076; the likeness of inner values after Kumar et al. 2019, "MelGAN",
arXiv:1910.06711.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.models.mel_bank import FLOOR
from engine.shapes import Audio, Scalar

WINDOWS = (512, 1024, 2048)
SLOPE = 0.1
"""Of what is negative."""


@dataclass(frozen=True)
class Judgement:
    """What one discriminator says about a batch."""

    places: Tensor
    """(batch * channels, 1, bins, frames): near 1 where it hears a clip, near 0 elsewhere."""
    inner: list[Tensor]
    """The values of its layers."""


class Discriminators(nn.Module):
    """Audio -> a judgement for each window."""

    def __init__(self, width: int = 16, windows: Sequence[int] = WINDOWS) -> None:
        super().__init__()
        self.each = nn.ModuleList(_Discriminator(window, width) for window in windows)

    def forward(self, audio: Audio) -> list[Judgement]:
        """Judge both channels, each for itself."""
        return [judge(audio.flatten(0, 1)) for judge in self.each]


class _Discriminator(nn.Module):
    def __init__(self, window: int, width: int) -> None:
        super().__init__()
        self.window = window
        self.layers = nn.ModuleList(
            [
                nn.Conv2d(1, width, (9, 3), stride=(2, 1), padding=(4, 1)),
                nn.Conv2d(width, width, (9, 3), stride=(2, 1), padding=(4, 1)),
                nn.Conv2d(width, width, (9, 3), stride=(2, 2), padding=(4, 1)),
                nn.Conv2d(width, width, 3, padding=1),
            ]
        )
        self.last = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, channels: Tensor) -> Judgement:
        x = ((magnitude(channels, self.window) + FLOOR).log10() + 1.5)[:, None]
        inner = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), SLOPE)
            inner.append(x)
        return Judgement(self.last(x), inner)


def magnitude(channels: Tensor, window: int) -> Tensor:
    """Return the magnitudes (channels, bins, frames) of channels (channels, samples)."""
    hann = torch.hann_window(window, device=channels.device)
    spectrum = torch.stft(channels, window, window // 4, window=hann, return_complex=True)
    # Not .abs(): its gradient at exact silence is NaN.
    return (torch.view_as_real(spectrum).square().sum(-1) + 1e-20).sqrt()


def mistakes(clip: list[Judgement], played: list[Judgement]) -> Scalar:
    """Return what discriminators lower: how far clips are from 1, and what is played from 0."""
    errors = [
        (theirs.places - 1).square().mean() + ours.places.square().mean()
        for theirs, ours in zip(clip, played, strict=True)
    ]
    return torch.stack(errors).mean()


def exposure(played: list[Judgement]) -> Scalar:
    """Return what a decoder lowers: how far it is from being taken for a clip."""
    return torch.stack([(each.places - 1).square().mean() for each in played]).mean()


def unlikeness(clip: list[Judgement], played: list[Judgement]) -> Scalar:
    """Return the mean distance of inner values, relative to those of the clip."""
    distances = [
        (ours - theirs).abs().mean() / theirs.abs().mean().clamp_min(1e-3)
        for one, other in zip(clip, played, strict=True)
        for theirs, ours in zip(one.inner, other.inner, strict=True)
    ]
    return torch.stack(distances).mean()
