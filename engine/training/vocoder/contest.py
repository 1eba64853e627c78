"""The second phase: play crops so that they match their clips and no discriminator finds out.

    crop of latents -> sketch -> phases swept, some rounds of Griffin-Lim -> audio
                                                                 | distances, judgements
    its clip -----------------------------------------------------

Magnitudes learn from the sound, with the phases held where decoding puts them; turns of phase go on
learning from the clip's own, as in the first phase. Both sides learn in one step: each loss holds
the other's weights still.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.models.mel_bank import FLOOR
from engine.models.mel_codec import MelCodec
from engine.models.vocoder import Vocoder
from engine.shapes import Audio, Latents, Scalar
from engine.training.saved_state import Run
from engine.training.vocoder.discriminators import (
    WINDOWS,
    Discriminators,
    exposure,
    magnitude,
    mistakes,
    unlikeness,
)
from engine.training.vocoder.sketch_loss import total
from engine.training.vocoder.sketching import STRIDE, Sketching

FOOLING, ALIKE = 0.05, 0.5
"""Weights of `exposure` and `unlikeness` beside the distances, which are about 1."""


class Contestants(nn.Module):
    """A vocoder and those who judge it, saved and averaged together."""

    def __init__(self, vocoder: Vocoder, discriminators: Discriminators) -> None:
        super().__init__()
        self.vocoder = vocoder
        self.discriminators = discriminators


@dataclass(frozen=True)
class Contest:
    """What both sides learn from crops through `codec`."""

    codec: MelCodec

    def loss_of_run(
        self, run: Run[Contestants], latents: Latents, audio: Audio, draw: torch.Generator
    ) -> Scalar:
        """Return the sum of what both sides lower."""
        del draw
        vocoder, judges = run.model.vocoder, run.model.discriminators
        with torch.autocast(self.codec.device.type, enabled=False):
            played = self.codec.decode(latents, vocoder=vocoder)
            hop = self.codec.hop_length
            # The first and the last latent frame of a crop lack what is beside them.
            played, clip = played[..., hop:-hop], audio[..., 2 * hop : -2 * hop]
            judges.requires_grad_(False)
            theirs, ours = judges(clip), judges(played)
            fooling = FOOLING * exposure(ours) + ALIKE * unlikeness(theirs, ours)
            judges.requires_grad_(True)
            finding = mistakes(judges(clip), judges(played.detach()))
        sketching = total(Sketching(self.codec).terms(vocoder, latents, audio, run.step % STRIDE))
        return sketching + distance(played, clip) + fooling + finding


def distance(played: Audio, clip: Audio) -> Scalar:
    """Return how far spectrograms are apart by energy and by ear, the mean over three windows.

    Source: Yamamoto et al. 2020, "Parallel WaveGAN", arXiv:1910.11480, section 2.2.
    """
    ours, theirs = played.flatten(0, 1), clip.flatten(0, 1)
    return torch.stack([_distance(ours, theirs, window) for window in WINDOWS]).mean()


def _distance(played: Tensor, clip: Tensor, window: int) -> Scalar:
    ours, theirs = magnitude(played, window), magnitude(clip, window)
    # 1 is far below any music: where a clip pauses, its energy must not divide by nothing.
    energy = theirs.square().sum(dim=(1, 2)).sqrt() + 1
    missing = ((ours - theirs).square().sum(dim=(1, 2)) + 1e-6).sqrt() / energy
    return missing.mean() + ((ours + FLOOR).log() - (theirs + FLOOR).log()).abs().mean()
