"""The embedded model's codec: audio <-> log-mel of mid and side <-> latents, all of it linear.

    audio (2, samples)  ->  mid = (L + R) / 2, side = (L - R) / 2
                        ->  mel magnitude in dB, 128 + 32 bins, one frame per 512 samples
                        ->  8 frames at a time, projected on 192 principal components = latents

The last map is linear and known, so a loss on the mel spectrogram costs nothing more than a loss
on the latents. The components are whitened in part (variance ** 0.3), which keeps the loud,
slow-moving ones audible to the denoiser. Only the way back to a waveform needs phases: those of
mid are `griffin_lim`'s, begun at noise or where a `vocoder` leads, side follows mid as
`stereo_image` says. What can be said without phases, the power of each frequency, is
`decode_power`.
"""

import torch
from torch import Tensor

from engine.models.griffin_lim import frames_inside, griffin_lim, mel_to_magnitude
from engine.models.mel_bank import FLOOR, mel_bank, mel_magnitude
from engine.models.phase_sweep import sweep
from engine.models.saved_network import SavedNetwork
from engine.models.stereo_image import side_from_mid
from engine.models.vocoder import Sketch, Vocoder
from engine.shapes import Audio, Features, Latents, Power

ROUNDS_AFTER_SWEEP = 16
"""Of Griffin-Lim, from phases that a vocoder began; 32 are no better."""


class MelCodec(SavedNetwork):
    """Audio <-> features (dB) <-> latents. Fitted by `engine.training.codec`."""

    mean: Tensor
    components: Tensor
    scales: Tensor
    window: Tensor
    mid_bank: Tensor
    side_bank: Tensor
    mid_inverse: Tensor
    side_inverse: Tensor

    def __init__(
        self,
        sample_rate: int = 44100,
        n_fft: int = 2048,
        hop: int = 512,  # noqa: ARG002 (read from the config)
        mid_bins: int = 128,
        side_bins: int = 32,
        frames_per_latent: int = 8,
        latent_channels: int = 192,
        griffin_lim_iterations: int = 32,  # noqa: ARG002 (read from the config)
    ) -> None:
        super().__init__()
        block = frames_per_latent * (mid_bins + side_bins)
        self.register_buffer("mean", torch.zeros(block))
        self.register_buffer("components", torch.zeros(latent_channels, block))
        self.register_buffer("scales", torch.ones(latent_channels))
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        for name, bins in (("mid", mid_bins), ("side", side_bins)):
            bank = mel_bank(sample_rate, n_fft, bins)
            self.register_buffer(f"{name}_bank", bank, persistent=False)
            self.register_buffer(f"{name}_inverse", torch.linalg.pinv(bank), persistent=False)

    @property
    def hop_length(self) -> int:
        """Samples per latent frame."""
        return int(self.config.hop * self.config.frames_per_latent)

    def encode_features(self, audio: Audio) -> Features:
        """Return the log-mel of mid and side in dB, whole latent frames only.

        (batch, 2, samples) -> (batch, 160, frames); frame k is centred at sample 512 k.
        """
        frames = audio.shape[-1] // self.hop_length * self.config.frames_per_latent
        mid, side = audio.mean(dim=1), (audio[:, 0] - audio[:, 1]) / 2
        mels = [
            bank @ self._magnitude(channel)[..., :frames]
            for bank, channel in ((self.mid_bank, mid), (self.side_bank, side))
        ]
        return 20 * torch.log10(torch.cat(mels, dim=1) + FLOOR)

    def features_to_latents(self, features: Features) -> Latents:
        """Project blocks of feature frames on the principal components."""
        batch, bins, frames = features.shape
        per_latent = self.config.frames_per_latent
        blocks = features.transpose(1, 2).reshape(batch, frames // per_latent, per_latent * bins)
        return (((blocks - self.mean) @ self.components.T) / self.scales).transpose(1, 2)

    def decode_features(self, latents: Latents) -> Features:
        """Return the features of `latents` in dB; linear, so its gradient is a constant matrix."""
        batch, _, latent_frames = latents.shape
        blocks = (latents.transpose(1, 2) * self.scales) @ self.components + self.mean
        bins = self.config.mid_bins + self.config.side_bins
        return blocks.reshape(batch, latent_frames * self.config.frames_per_latent, bins).mT

    def decode_power(self, latents: Latents) -> Power:
        """Return the power spectrogram of `latents`, averaged over channels.

        L^2 + R^2 = 2 (mid^2 + side^2) holds frequency by frequency, whatever the phases. On
        average it is 0.75 dB below the clip that was encoded, because the latents smooth its
        spectrum; so is what Griffin-Lim plays of it. A vocoder makes up for two thirds of that.
        """
        mel = mel_magnitude(self.decode_features(latents))
        mid, side = mel.split([self.config.mid_bins, self.config.side_bins], dim=1)
        # One round brings what twenty do (0.15 dB RMS from the audio; without any, 0.6).
        middle = mel_to_magnitude(mid, self.mid_bank, self.mid_inverse, rounds=1)
        sides = mel_to_magnitude(side, self.side_bank, self.side_inverse, rounds=1)
        return middle.square() + sides.square()

    def decode(
        self,
        latents: Latents,
        known: Audio | None = None,
        keep_mask: Tensor | None = None,
        *,
        vocoder: Vocoder | None = None,
    ) -> Audio:
        """Return a waveform for `latents`; with a `vocoder`, one closer to the music meant.

        Where `keep_mask` (samples) is 1, phases and magnitudes are those of `known`, and the new
        material next to it grows out of them.
        """
        features = self.decode_features(latents)
        known_parts = None
        if known is not None:
            known_parts = (known.mean(dim=1), (known[:, 0] - known[:, 1]) / 2)
        known_mid = known_parts[0] if known_parts else None
        if vocoder is None:
            middle, sides = self._magnitudes(features)
            phases, rounds = None, self.config.griffin_lim_iterations
        else:
            sketch = vocoder(features)
            middle, sides = sketch.mid, sketch.side
            phases, rounds = self._swept(sketch, known_mid, keep_mask), ROUNDS_AFTER_SWEEP
        mid = griffin_lim(
            middle,
            window=self.window,
            hop=self.config.hop,
            samples=latents.shape[-1] * self.hop_length,
            iterations=rounds,
            phases=phases,
            known=known_mid,
            keep_mask=keep_mask,
        )
        side = side_from_mid(
            sides,
            mid,
            window=self.window,
            hop=self.config.hop,
            known=known_parts,
            keep_mask=keep_mask,
        )
        return torch.stack([mid + side, mid - side], dim=1)

    def _magnitudes(self, features: Features) -> tuple[Power, Power]:
        """Return the linear magnitudes of mid and of side whose mels are those of `features`."""
        mels = (10 ** (features / 20) - FLOOR).clamp_min(0)
        mid, side = mels.split([self.config.mid_bins, self.config.side_bins], dim=1)
        return (
            mel_to_magnitude(mid, self.mid_bank, self.mid_inverse),
            mel_to_magnitude(side, self.side_bank, self.side_inverse),
        )

    @torch.no_grad()
    def _swept(self, sketch: Sketch, known: Tensor | None, keep_mask: Tensor | None) -> Tensor:
        """Return the phases of mid before Griffin-Lim, constants to the gradient."""
        reference, fixed = None, None
        if known is not None and keep_mask is not None:
            fixed = frames_inside(keep_mask, self.config.n_fft, self.config.hop)[:-1]
            reference = self._spectrum(known)[..., :-1]
        return sweep(sketch.mid, sketch.advance, sketch.slope, known=reference, fixed=fixed)

    def _spectrum(self, channel: Tensor) -> Tensor:
        return torch.stft(
            channel,
            self.config.n_fft,
            self.config.hop,
            window=self.window,
            return_complex=True,
        )

    def _magnitude(self, channel: Tensor) -> Tensor:
        # Not .abs(): its gradient at exact silence is NaN.
        return (torch.view_as_real(self._spectrum(channel)).square().sum(-1) + 1e-20).sqrt()
