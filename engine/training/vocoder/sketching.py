"""The first phase: learn the magnitudes of clips, and how their phases turn.

    crop of latents (batch, 192, 12) -> features -> sketch of every third frame
                                                     | losses
    its audio -> spectra of mid and side, one frame per 512 samples

Neighbouring frames are nearly alike, so a sketch of every third teaches as much in half the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from engine.models.mel_bank import mel_bank
from engine.models.mel_codec import MelCodec
from engine.models.vocoder import Vocoder
from engine.shapes import Audio, Latents, Scalar
from engine.training.saved_state import Run
from engine.training.vocoder.clips import Crops
from engine.training.vocoder.sketch_loss import BANDS, Heard, sketch_losses, total

STRIDE = 3
EDGE = 4
"""Frames at each end of a crop that are heard but not sketched."""
VALIDATION_BATCHES = 8


@dataclass(frozen=True)
class Sketching:
    """What the vocoder learns of crops through `codec`."""

    codec: MelCodec

    def loss_of_run(
        self, run: Run[Vocoder], latents: Latents, audio: Audio, draw: torch.Generator
    ) -> Scalar:
        """Return what a run has to lower: the loss of its present weights on every third frame."""
        del draw
        return total(self.terms(run.model, latents, audio, run.step % STRIDE))

    def terms(
        self, vocoder: Vocoder, latents: Latents, audio: Audio, first: int
    ) -> dict[str, Scalar]:
        """Return every term of the loss, unweighted, on every third frame from `first`."""
        frames = slice(EDGE + first, -EDGE, STRIDE)
        # Logarithms and phases need more than 8 bits.
        with torch.autocast(self.codec.device.type, enabled=False):
            sketch = vocoder(self.codec.decode_features(latents), frames)
            return sketch_losses(sketch, self.hear(audio, frames), self.bank)

    def hear(self, audio: Audio, frames: slice) -> Heard:
        """Return the spectra of some frames of a crop whose audio begins a latent frame earlier."""
        config = self.codec.config
        # The first window lies around the sample one frame before the crop.
        start = (config.frames_per_latent - 1) * config.hop - config.n_fft // 2
        count = audio.shape[-1] // config.hop - 2 * config.frames_per_latent
        end = start + count * config.hop + config.n_fft

        def spectrum(channel: Tensor) -> Tensor:
            return torch.stft(
                channel[:, start:end],
                config.n_fft,
                config.hop,
                window=self.codec.window,
                center=False,
                return_complex=True,
            )

        mid, side = spectrum(audio.mean(dim=1)), spectrum((audio[:, 0] - audio[:, 1]) / 2)
        return Heard(
            mid[..., 1:][..., frames], mid[..., :-1][..., frames], side[..., 1:][..., frames]
        )

    @torch.no_grad()
    def validate(self, vocoder: Vocoder, crops: Crops) -> Mapping[str, float]:
        """Return the mean of each term over the same crops every time."""
        rows = [
            self.terms(
                vocoder, *crops.batch_at(step, 1.0, crops.hardware.draw(step)), step % STRIDE
            )
            for step in range(VALIDATION_BATCHES)
        ]
        return {name: float(torch.stack([row[name] for row in rows]).mean()) for name in rows[0]}

    @cached_property
    def bank(self) -> Tensor:
        """The bands (80, fft_bins) of the mel term."""
        config = self.codec.config
        return mel_bank(config.sample_rate, config.n_fft, BANDS).to(self.codec.device)
