"""Oobleck, the waveform codec of Stable Audio Open and of ACE-Step: audio <-> latents.

Source: Evans et al. 2024, Stable Audio Open, arXiv:2407.14358; diffusers' AutoencoderOobleck.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch

from engine.shapes import Audio, Latents

_KERNEL_REACH = 3
"""Samples that the kernels of seven hear to each side."""
_UNITS_REACH = 3 * (1 + 3 + 9)
"""The same of the three residual units of a block, with their dilations."""


def encode(vae: Any, audio: Audio) -> Latents:
    """Return the latents of `audio`, silence appended up to a whole frame; no gradient."""
    padded = torch.nn.functional.pad(audio, (0, -audio.shape[-1] % vae.hop_length))
    with torch.no_grad():
        # The mean: a draw would make the same music other latents each time.
        return vae.encode(padded).latent_dist.mode()


def decode(vae: Any, latents: Latents) -> Audio:
    """Return hop_length * latent_frames samples."""
    return vae.decode(latents).sample


def halo(downsampling_ratios: Sequence[int]) -> int:
    """Return how many latent frames to each side the decoder hears.

    Followed back from the samples of frame 0: each layer hears a little around them.
    """
    first, last = 0, math.prod(downsampling_ratios) - 1
    first, last = first - _KERNEL_REACH, last + _KERNEL_REACH
    for stride in downsampling_ratios:
        first, last = first - _UNITS_REACH, last + _UNITS_REACH
        # A transposed convolution of twice its stride: input i plays i stride - padding + k.
        padding = math.ceil(stride / 2)
        first = math.ceil((first + padding - 2 * stride + 1) / stride)
        last = math.floor((last + padding) / stride)
    return max(_KERNEL_REACH - first, last + _KERNEL_REACH)
