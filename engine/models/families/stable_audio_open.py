"""Stable Audio Open 1.0 and its fine-tunes: 44.1 kHz stereo in windows of 47.55 s.

Told in words, and where its music begins and ends. Its network sees the cosine path,

    t = 2 / pi atan(sigma / alpha),   v = alpha eps - sigma x_0,   x_0 = alpha x_t - sigma v

Its maker's sampler adds fresh noise at every step, and x_T would have next to no say; here the same
levels are walked down without it. Of a window of any length all 47.55 s are made: the network knows
no other.

Sources: Evans et al. 2024, Stable Audio Open, arXiv:2407.14358; diffusers' StableAudioPipeline.
"""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import torch
from diffusers import StableAudioPipeline
from diffusers.models.embeddings import get_1d_rotary_pos_embed
from torch import Tensor

from engine.models.families import oobleck
from engine.models.families.guided import Told, guided, recomputing
from engine.models.families.loading import load_parts
from engine.models.families.words import in_words
from engine.models.music_model import Conditioning, MusicalContext
from engine.noise_schedule import NoiseSchedule
from engine.shapes import Audio, Latents, PerItem

NOISIEST, CLEANEST = 500.0, 0.3
"""sigma / alpha of the first and of the last level of its maker's sampler."""
GUIDANCE = 7.0
STEPS = 16
"""Of second order: as near to the path's end as 64 steps of first order."""


@dataclass(frozen=True)
class LogSigma(NoiseSchedule):
    """The cosine path, its levels evenly spaced in log(sigma / alpha) but for the clean end."""

    noisiest: float = NOISIEST
    cleanest: float = CLEANEST

    def timesteps(self, steps: int) -> Tensor:
        """Return `steps` + 1 times from nearly 1 to 0."""
        first, last = math.log(self.noisiest), math.log(self.cleanest)
        ratios = torch.linspace(first, last, steps, dtype=torch.float64).exp()
        return torch.cat([ratios.atan() * (2 / math.pi), ratios.new_zeros(1)]).float()


@dataclass(frozen=True)
class StableAudioOpen:
    """See the module. `encoders` are the pipeline's own: of prompts and of seconds."""

    name: str
    digest: str
    encoders: Any
    network: Any
    vae: Any
    guidance: float = GUIDANCE
    steps: int = STEPS
    solver: Literal["dpmpp_2m"] = "dpmpp_2m"
    noise_schedule: NoiseSchedule = field(default_factory=LogSigma)

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return int(self.vae.config.sampling_rate)

    @property
    def channels(self) -> int:
        """Of its audio."""
        return int(self.vae.config.audio_channels)

    @property
    def hop_length(self) -> int:
        """Samples per latent frame."""
        return int(self.vae.hop_length)

    @property
    def halo(self) -> int:
        """Latent frames that the decoder hears to each side."""
        return oobleck.halo(self.vae.config.downsampling_ratios)

    @property
    def max_latent_frames(self) -> int:
        """The only length that the network was trained on."""
        return int(self.network.config.sample_size)

    @property
    def device(self) -> torch.device:
        """Where the network runs."""
        return torch.device(self.network.device)

    def latents_shape(self, seconds: float) -> tuple[int, int, int]:
        """Return the shape of its one window; shorter music is cut from it."""
        del seconds
        return 1, int(self.network.config.in_channels), self.max_latent_frames

    @torch.no_grad()
    def encode_text(self, prompt: str, *, seconds: float, context: MusicalContext) -> Conditioning:
        """Return what the text encoder makes of the prompt, tempo and key, and the length."""
        said = in_words(prompt, context)
        words = self.encoders.encode_prompt(said, self.device, False)
        begin, end = self.encoders.encode_duration(0.0, seconds, self.device, False, 1)
        told, length = torch.cat([words, begin, end], dim=1), torch.cat([begin, end], dim=2)
        given = {"told": told, "length": length}
        without = {"told": torch.zeros_like(told), "length": length}
        return Conditioning(given, without, self.guidance, {"prompt": said} if said else {})

    def encode_audio(self, audio: Audio) -> Latents:
        """Return the latents of `audio`."""
        return oobleck.encode(self.vae, audio)

    def denoise(self, x_t: Latents, t: PerItem, conditioning: Conditioning) -> Latents:
        """Return x_0 = alpha x_t - sigma v, guided."""
        velocity = guided(self._velocity, x_t, t, conditioning)
        alpha, sigma = self.noise_schedule.alpha(t), self.noise_schedule.sigma(t)
        return alpha.view(-1, 1, 1) * x_t - sigma.view(-1, 1, 1) * velocity

    def decode(self, latents: Latents) -> Audio:
        """Return the waveform; differentiable."""
        return oobleck.decode(self.vae, latents)

    def with_block_checkpointing(self) -> "StableAudioOpen":
        """Return the same model, recomputing each block in the backward pass."""
        return replace(self, network=recomputing(self.network))

    def _velocity(self, x_t: Tensor, t: Tensor, told: Told) -> Tensor:
        # One token more than frames: the length and the time stand before the music.
        positions = get_1d_rotary_pos_embed(
            self.network.config.attention_head_dim // 2,
            x_t.shape[-1] + 1,
            use_real=True,
            repeat_interleave_real=False,
        )
        return self.network(
            x_t,
            t,
            encoder_hidden_states=told["told"],
            global_hidden_states=told["length"],
            rotary_embedding=positions,
            return_dict=False,
        )[0]


def load(folder: Path, *, name: str, digest: str, device: torch.device) -> StableAudioOpen:
    """Return the model in `folder`."""
    parts = load_parts(StableAudioPipeline, folder, device, scheduler=None)
    return StableAudioOpen(name, digest, parts, parts.transformer, parts.vae)
