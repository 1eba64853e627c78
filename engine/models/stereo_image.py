"""Mid -> side: where between the speakers the music is.

    audio of mid (batch, samples), magnitudes of side (batch, bins, frames) -> audio of side

The features say how strong mid and side are at each frequency, not which speaker is the louder one.
A side that is a quarter of a period ahead of mid makes both equally loud, |L|^2 = |R|^2 = M^2 +
S^2, and so errs least; phases of its own would make them flicker. Beside known audio more is known:
its balance at each frequency goes on in the new music.
"""

import torch
from torch import Tensor

from engine.models.griffin_lim import frames_inside

INAUDIBLE = 1e-9
"""Level of the noise whose phases side takes where mid has none."""


def side_from_mid(
    magnitude: Tensor,
    mid: Tensor,
    *,
    window: Tensor,
    hop: int,
    known: tuple[Tensor, Tensor] | None = None,
    keep_mask: Tensor | None = None,
) -> Tensor:
    """Return (batch, samples) of side, as strong as `magnitude`, in phase relation to `mid`.

    `magnitude` is without the frame at sample `samples`. `known` are mid and side of audio that
    stays where `keep_mask` (samples) is 1. Differentiable in `magnitude`, with the phases held
    where they are.
    """
    magnitude = torch.cat([magnitude, magnitude[..., -1:]], dim=-1)
    n_fft, samples = window.shape[0], mid.shape[-1]

    def spectrum(audio: Tensor) -> Tensor:
        return torch.stft(audio, n_fft, hop, window=window, return_complex=True)

    fixed, known_side = None, None
    with torch.no_grad():
        # Where mid is silent, side follows a noise that nobody hears.
        hiss = torch.randn(mid.shape[1:], generator=torch.Generator().manual_seed(0)) * INAUDIBLE
        angle, ahead = spectrum(mid + hiss.to(mid)).angle(), torch.tensor(torch.pi / 2).to(mid)
        if known is not None and keep_mask is not None:
            fixed = frames_inside(keep_mask, n_fft, hop)
            known_mid, known_side = (spectrum(channel) for channel in known)
            ahead = balance(known_mid, known_side, fixed).acos()
    side = torch.polar(magnitude, angle + ahead)
    if fixed is not None and known_side is not None:
        side = torch.where(fixed, known_side, side)
    return torch.istft(side, n_fft, hop, window=window, length=samples)


def balance(mid: Tensor, side: Tensor, frames: Tensor) -> Tensor:
    """Return how far left each frequency is over the marked frames, (batch, bins, 1).

    1: side is in phase with mid, which is left; -1: right; 0: in the centre, on both sides by
    turns, or nothing to hear.
    """
    together = mid * side.conj() * frames
    strength = together.abs().sum(dim=-1, keepdim=True)
    return (together.real.sum(dim=-1, keepdim=True) / strength.clamp_min(1e-12)).clamp(-1, 1)
