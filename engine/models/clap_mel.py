"""What CLAP hears: its own log-mel spectrogram of mono audio, differentiable.

    mono (batch, samples) -> (batch, 1 or 4, frames, bins) in dB

Equals `ClapFeatureExtractor` of transformers to 1e-4 dB in double precision, but where that draws
random numbers: audio longer than the model knows (10 s) is cut in its middle, or, for models that
fuse several cuts, at its start, middle and end.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from transformers import ClapFeatureExtractor

Mono = Float[Tensor, "batch samples"]
ClapMel = Float[Tensor, "batch cuts mel_frames bins"]
_LEAST_POWER = 1e-10
"""-100 dB: softer is read as this."""


def clap_mel(
    mono: Mono, extractor: ClapFeatureExtractor
) -> tuple[ClapMel, Bool[Tensor, "batch 1"]]:
    """Return the model's input, and whether it is to fuse cuts; `mono` at the extractor's rate."""
    longest = int(extractor.nb_max_samples)
    fuses = extractor.truncation == "fusion"
    samples = mono.shape[1]
    if not fuses and samples > longest:
        start = (samples - longest) // 2
        mono = mono[:, start : start + longest]
    mel = _log_mel(_filled(mono, longest, extractor.padding), extractor, slaney=not fuses)
    frames = longest // int(extractor.hop_length) + 1
    is_longer = mel.shape[1] > frames
    if is_longer:
        cuts = [_shrunk(mel, frames), *_start_middle_end(mel, frames)]
    else:
        cuts = [mel] * (4 if fuses else 1)
    # The extractor also tells a lone short clip of a fusing model to be fused.
    flag = torch.full((len(mono), 1), fuses, device=mono.device)
    return torch.stack(cuts, dim=1), flag


def _filled(mono: Mono, longest: int, padding: str) -> Float[Tensor, "batch _"]:
    """Return `mono` of at least `longest` samples: repeated, or with silence after it."""
    samples = mono.shape[1]
    if samples >= longest:
        return mono
    if padding == "repeat":
        return mono.repeat(1, longest // samples + 1)[:, :longest]
    if padding == "repeatpad":
        mono = mono.repeat(1, longest // samples)
    return torch.nn.functional.pad(mono, (0, longest - mono.shape[1]))


def _log_mel(mono: Mono, extractor: ClapFeatureExtractor, *, slaney: bool) -> Tensor:
    """Return (batch, frames, bins) in dB."""
    size = int(extractor.fft_window_size)
    window = torch.hann_window(size, dtype=mono.dtype, device=mono.device)
    spectrum = torch.stft(mono, size, int(extractor.hop_length), window=window, return_complex=True)
    # Not .abs(): its gradient at exact silence is NaN.
    power = torch.view_as_real(spectrum).square().sum(-1)
    bank = extractor.mel_filters_slaney if slaney else extractor.mel_filters
    mel = power.mT @ torch.from_numpy(bank).to(power)
    return 10 * torch.log10(mel.clamp(min=_LEAST_POWER))


def _shrunk(mel: Tensor, frames: int) -> Tensor:
    """Return all of the music, made shorter: what a fusing model sees beside its cuts."""
    return torch.nn.functional.interpolate(
        mel[:, None], (frames, mel.shape[2]), mode="bilinear", align_corners=False
    )[:, 0]


def _start_middle_end(mel: Tensor, frames: int) -> Sequence[Tensor]:
    last = mel.shape[1] - frames
    return [mel[:, start : start + frames] for start in (0, last // 2, last)]
