"""The musical grid and the place in the window, as the channels that the denoiser reads.

Rotary attention knows distances only and the beat is periodic; so the absolute position is told
too, or no crescendo could be learnt.
"""

import math

import torch
from torch import Tensor

from engine.models.music_model import MusicalContext

CHANNELS = 8
"""Two of position, then sine and cosine of the beat, the bar and the half beat."""


def grid(context: MusicalContext, *, latent_frames: int, frame_seconds: float) -> Tensor:
    """Return (1, 8, latent_frames). Without tempo and downbeat the last six channels are zero.

    Frame k stands for the middle of its `frame_seconds`, counted from the window's first sample.
    """
    time = (torch.arange(latent_frames) + 0.5) * frame_seconds
    place = time / (latent_frames * frame_seconds)
    position = [2 * place - 1, torch.cos(math.pi * place)]
    if context.bpm is None or context.beat_offset is None:
        return torch.stack([*position, *[torch.zeros_like(time)] * (CHANNELS - 2)])[None]
    # The same downbeat, at most a bar away: hours from it single precision would lose the beat.
    downbeat = math.fmod(context.beat_offset, context.beats_per_bar * 60 / context.bpm)
    beats = (time - downbeat) * (context.bpm / 60)
    waves = []
    for per_cycle in (1.0, float(context.beats_per_bar), 0.5):
        phase = 2 * math.pi * beats / per_cycle
        waves += [torch.sin(phase), torch.cos(phase)]
    return torch.stack([*position, *waves])[None]
