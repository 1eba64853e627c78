"""Magnitudes -> waveform: phases by the fast Griffin-Lim algorithm, known phases kept.

Source: Perraudin, Balazs, Sondergaard 2013, "A fast Griffin-Lim algorithm". New here: frames
that lie in known audio keep their complex values in every round, so that the phases of the new
material next to them continue the known ones.
"""

import torch
from torch import Tensor

MOMENTUM = 0.99
NONNEGATIVE_ROUNDS = 20


def mel_to_magnitude(
    mel: Tensor, bank: Tensor, inverse: Tensor, *, rounds: int = NONNEGATIVE_ROUNDS
) -> Tensor:
    """Return nonnegative linear magnitudes (batch, bins, frames) whose mel is close to `mel`.

    Least squares by `inverse`, the pseudo-inverse of `bank`, then multiplicative updates (Lee and
    Seung 2001), which keep the values nonnegative.
    """
    magnitude = (inverse @ mel).clamp_min(1e-7)
    wanted = bank.T @ mel
    for _ in range(rounds):
        magnitude = magnitude * wanted / (bank.T @ (bank @ magnitude) + 1e-6)
    return magnitude


def griffin_lim(
    magnitude: Tensor,
    *,
    window: Tensor,
    hop: int,
    samples: int,
    iterations: int,
    phases: Tensor | None = None,
    known: Tensor | None = None,
    keep_mask: Tensor | None = None,
) -> Tensor:
    """Return (batch, samples) of audio whose STFT magnitudes are close to `magnitude`.

    Differentiable in `magnitude`, with the phases held where they are.

    `magnitude` is (batch, bins, frames) without the frame at sample `samples`; `known` is (batch,
    samples) of audio that stays where `keep_mask` (samples) is 1. Begins at `phases`, complex
    numbers as many as the magnitudes; without them, at noise of a fixed seed.
    """
    # istft wants the last, half-empty frame that the features leave out.
    magnitude = torch.cat([magnitude, magnitude[..., -1:]], dim=-1)
    n_fft = window.shape[0]
    fixed, reference = None, None
    if known is not None and keep_mask is not None:
        reference = torch.stft(known, n_fft, hop, window=window, return_complex=True)
        fixed = frames_inside(keep_mask, n_fft, hop)

    def with_phases_of(guess: Tensor | None, magnitude: Tensor) -> Tensor:
        if guess is None:
            spectrum = magnitude * torch.exp(2j * torch.pi * _uniform(magnitude))
        else:
            spectrum = magnitude * guess / (guess.abs() + 1e-8)
        if fixed is not None and reference is not None:
            return torch.where(fixed, reference, spectrum)
        return spectrum

    guess = None if phases is None else torch.cat([phases, phases[..., -1:]], dim=-1)
    previous: Tensor | float = 0.0
    # The phases are constants to the gradient, which takes one transform back instead of all.
    with torch.no_grad():
        for _ in range(iterations):
            spectrum = with_phases_of(guess, magnitude)
            audio = torch.istft(spectrum, n_fft, hop, window=window, length=samples)
            consistent = torch.stft(audio, n_fft, hop, window=window, return_complex=True)
            guess = consistent + MOMENTUM * (consistent - previous)
            previous = consistent
    spectrum = with_phases_of(guess, magnitude)
    return torch.istft(spectrum, n_fft, hop, window=window, length=samples)


def _uniform(like: Tensor) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(like.shape[1:], generator=generator).to(like.device).expand(like.shape)


def frames_inside(keep_mask: Tensor, n_fft: int, hop: int) -> Tensor:
    """Return, per STFT frame, whether its whole window lies in kept samples.

    Beyond the ends of the audio the mirrored padding counts as its mirror image does.
    """
    padded = torch.nn.functional.pad(
        keep_mask[None, None].float(), (n_fft // 2,) * 2, mode="reflect"
    )
    return padded[0, 0].unfold(0, n_fft, hop).amin(dim=-1) > 0
