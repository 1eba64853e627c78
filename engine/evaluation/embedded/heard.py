"""How clips sound, whatever they were told: everything that is measured of them, once.

latents (clips, channels, frames)  ->  log-mel, features, tempi, chroma, distance to training
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.evaluation.embedded.harmony import chroma
from engine.evaluation.embedded.recognizers import sound_features
from engine.evaluation.embedded.rhythm import librosa_tempi, tempi
from engine.evaluation.music_metrics import summary_features
from engine.models.griffin_lim import griffin_lim, mel_to_magnitude
from engine.models.mel_bank import FLOOR
from engine.models.mel_codec import MelCodec

KEY_CLIPS = 100
"""Clips decoded to audio for their key: it takes longer than all the rest."""
KEY_ROUNDS = 8
BATCH = 100


@dataclass(frozen=True)
class Heard:
    """Clips as they sound. `mid` is their log-mel in dB, (clips, bins, frames)."""

    latents: Tensor
    mid: Tensor
    sound: Tensor
    summary: Tensor
    tempi: list[float]
    librosa_tempi: list[float]
    chroma: NDArray[np.float64]
    """Of the first KEY_CLIPS, (clips, 12)."""


def hear(codec: MelCodec, latents: Tensor) -> Heard:
    """Return how clips (clips, channels, frames) sound."""
    mel = features(codec, latents)
    mid = mel[:, : codec.config.mid_bins]
    audio = torch.cat([decode_mid(codec, clip[None]) for clip in latents[:KEY_CLIPS]])
    return Heard(
        latents=latents,
        mid=mid,
        sound=in_batches(sound_features, mel),
        summary=in_batches(summary_features, mid),
        tempi=tempi(mid),
        librosa_tempi=librosa_tempi(mid),
        chroma=chroma(audio.numpy(), int(codec.config.sample_rate)),
    )


@torch.no_grad()
def features(codec: MelCodec, latents: Tensor) -> Tensor:
    """Return the log-mel of mid and side, (clips, bins, frames) in dB."""
    return in_batches(codec.decode_features, latents)


def in_batches(function: Callable[[Tensor], Tensor], clips: Tensor) -> Tensor:
    """Return `function` of all clips, a batch at a time: thousands do not fit into memory."""
    return torch.cat([function(part) for part in clips.split(BATCH)])


@torch.no_grad()
def decode_mid(codec: MelCodec, latents: Tensor) -> Tensor:
    """Return the mid channel only, (clips, samples), in few rounds: enough to hear a key by."""
    mel = (10 ** (features(codec, latents)[:, : codec.config.mid_bins] / 20) - FLOOR).clamp_min(0)
    return griffin_lim(
        mel_to_magnitude(mel, codec.mid_bank, codec.mid_inverse),
        window=codec.window,
        hop=codec.config.hop,
        samples=latents.shape[-1] * codec.hop_length,
        iterations=KEY_ROUNDS,
    )
