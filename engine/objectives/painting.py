"""Painting: the model must reproduce the audio that stays; what is beside it follows from that.

Outpainting, inpainting and looping differ in nothing but where the audio that stays lies: at one
end of the window, around a gap, or the clip's end at its left and the clip's start at its right.

    loss = mean over kept frames of (model's - clip's)^2

in the model's feature domain (dB^2) where it has one, else in its latents. No waveform is made.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, "Outpainting", "Inpainting", "Looping".
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.listening import Heard
from engine.matching import Levels
from engine.models.music_model import HasFeatureDomain, MusicModel
from engine.shapes import Audio, Curve, Features, Latents, Mask, Scalar

FEATURE_WINDOW = 2048
"""Samples that one feature frame may listen to."""
_LATENT_MARGIN = 2
"""Latent frames next to unknown audio that are not counted: the encoder listens to both sides."""


def masked_loss(made: Features, target: Features, mask: Curve) -> Scalar:
    """Return the mean squared difference over the frames where `mask` is 1."""
    counted = mask.sum() * made.shape[1]
    return ((made - target).square() * mask[:, None]).sum() / counted.clamp(min=1)


@dataclass(frozen=True)
class Painting:
    """One window's objective: `target` where `mask` is 1, frame by frame."""

    model: MusicModel
    target: Features
    mask: Curve
    weight: float = 1.0
    schedule: tuple[float, float] = (1.0, 1.0)
    name: str = "overlap"

    def loss(self, heard: Heard) -> Scalar:
        """Return the mean squared difference over the frames that stay."""
        return masked_loss(heard.features, self.target, self.mask)

    @torch.no_grad()
    def levels(self, x_0: Latents) -> Levels:
        """Return the level of every frame over all bins, the clip's and the model's.

        For models with a feature domain: a decoder that starts from the known audio plays what is
        known as it is, and hides how loud the model takes it.
        """
        wanted, reached = (
            10 * torch.log10(torch.pow(10.0, features[0] / 10).sum(0)).cpu()
            for features in (self.target, self._measured(x_0))
        )
        frame = x_0.shape[-1] * self.model.hop_length // wanted.shape[0]
        return Levels(frame, wanted, reached, self.mask[0].cpu())

    def _measured(self, x_0: Latents) -> Features:
        if isinstance(self.model, HasFeatureDomain):
            return self.model.decode_features(x_0)
        return x_0


def painting(model: MusicModel, known: Audio, keep_mask: Mask) -> Painting:
    """Return the objective of one window.

    `known` is the window's audio, `keep_mask` (1, samples) is 1 where it stays as it is. A frame is
    counted only if all that it listens to stays; beyond the window's ends counts as staying.
    """
    latent_frames = known.shape[-1] // model.hop_length
    if isinstance(model, HasFeatureDomain):
        frames, margin = latent_frames * model.frames_per_latent, FEATURE_WINDOW // 2
        target = model.encode_features(known)
    else:
        frames, margin = latent_frames, min(model.halo, _LATENT_MARGIN) * model.hop_length
        target = model.encode_audio(known)
    mask = frames_inside(keep_mask, frames, margin)
    return Painting(model, target.detach(), mask.to(target))


def frames_inside(keep_mask: Mask, frames: int, margin: int) -> Tensor:
    """Return (1, frames): 1 for frames that stay entirely, `margin` samples around them included.

    A frame's own samples are its equal share of the window, wherever its center is said to be.
    """
    changed = torch.nn.functional.pad(1 - keep_mask, (margin, margin))
    size = keep_mask.shape[-1] // frames
    touched = torch.nn.functional.max_pool1d(changed, size + 2 * margin, stride=size)
    return 1 - touched[:, :frames]
