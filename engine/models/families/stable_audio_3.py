"""Stable Audio 3, small and medium, distilled and base: 44.1 kHz stereo of any length.

Told in words and seconds, and the music around a gap where there is one (`InpaintsNatively`: it was
taught to). On the linear path

    x_t = (1 - t) x_0 + t eps,   v = eps - x_0,   x_0 = x_t - t v

The distilled weights were made for eight steps that draw all noise anew (ping-pong), and x_T would
have next to no say; here the same levels are walked down without it. Base weights are guided, and
take second-order steps.

Sources: Stable Audio 3, arXiv:2605.17991; diffusers' StableAudio3Pipeline.
"""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import torch
from diffusers import StableAudio3Pipeline
from torch import Tensor

from engine.models.families.guided import Told, guided, recomputing
from engine.models.families.loading import load_parts
from engine.models.families.same import Same, is_paired, load_same
from engine.models.families.words import in_words
from engine.models.music_model import Conditioning, MusicalContext
from engine.noise_schedule import NoiseSchedule
from engine.shapes import Audio, Curve, Latents, PerItem

DISTILLED_STEPS, STEPS = 8, 24
GUIDANCE = 7.0
SHORTEST_SECONDS, LONGEST_SECONDS = 5.0, 60.0
"""Ours: shorter music is cut from a window of five seconds, longer music made in several."""
NOISIEST, CLEANEST = -6.2, 2.0
"""log(alpha^2 / sigma^2) / 2 of both ends of its levels, between which they are evenly spaced."""


@dataclass(frozen=True)
class LogSnr(NoiseSchedule):
    """The linear path, its levels evenly spaced in log(alpha / sigma) but for both ends."""

    path: str = "linear"

    def timesteps(self, steps: int) -> Tensor:
        """Return `steps` + 1 times from 1 to 0."""
        times = torch.sigmoid(-torch.linspace(NOISIEST, CLEANEST, steps + 1))
        times[0], times[-1] = 1.0, 0.0
        return times


@dataclass(frozen=True)
class StableAudio3:
    """See the module. `encoders` are the pipeline's own: of prompts and of seconds."""

    name: str
    digest: str
    encoders: Any
    network: Any
    vae: Any
    paired: bool
    steps: int
    guidance: float
    solver: Literal["ddim", "dpmpp_2m"]
    noise_schedule: NoiseSchedule = field(default_factory=LogSnr)
    reads_context: bool = True

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
        return self._codec.hop_length

    @property
    def halo(self) -> int:
        """Latent frames that the decoder hears to each side."""
        return self._codec.halo

    @property
    def decode_group(self) -> int:
        """Latent frames that are decoded together."""
        return self._codec.decode_group

    @property
    def max_latent_frames(self) -> int:
        """A minute."""
        return self._frames(LONGEST_SECONDS)

    @property
    def device(self) -> torch.device:
        """Where the network runs."""
        return torch.device(self.network.device)

    def latents_shape(self, seconds: float) -> tuple[int, int, int]:
        """Return the shape of the shortest window that holds `seconds`, else of the longest."""
        seconds = min(max(seconds, SHORTEST_SECONDS), LONGEST_SECONDS)
        return 1, int(self.vae.config.latent_dim), self._frames(seconds)

    @torch.no_grad()
    def encode_text(self, prompt: str, *, seconds: float, context: MusicalContext) -> Conditioning:
        """Return what the text encoder makes of the prompt, tempo and key, and the length."""
        said = in_words(prompt, context)
        length = self.encoders.encode_duration(seconds, self.device, 1, 1)
        without = self._told("", length) if self.guidance != 1 else None
        recognized = {"prompt": said} if said else {}
        return Conditioning(self._told(said, length), without, self.guidance, recognized)

    def knowing(
        self, conditioning: Conditioning, latents: Latents, keep_mask: Curve
    ) -> Conditioning:
        """Return `conditioning` that also tells `latents` where `keep_mask` (per frame) is 1."""
        known = (keep_mask > 0)[:, None]
        # Chosen, not multiplied: beyond what is known they may hold anything.
        kept = torch.where(known, latents, torch.zeros_like(latents))
        around = {"around": torch.cat([known.to(latents), kept], dim=1)}
        without = conditioning.without
        return replace(
            conditioning,
            given={**conditioning.given, **around},
            without=None if without is None else {**without, **around},
        )

    def encode_audio(self, audio: Audio) -> Latents:
        """Return the latents of `audio`."""
        return self._codec.encode(audio)

    def denoise(self, x_t: Latents, t: PerItem, conditioning: Conditioning) -> Latents:
        """Return x_0 = x_t - t v, guided where the weights are not distilled."""
        return x_t - t.view(-1, 1, 1) * guided(self._velocity, x_t, t, conditioning)

    def decode(self, latents: Latents) -> Audio:
        """Return the waveform, not clipped; differentiable."""
        return self._codec.decode(latents)

    def with_block_checkpointing(self) -> "StableAudio3":
        """Return the same model, recomputing each block in the backward pass."""
        return replace(self, network=recomputing(self.network))

    @property
    def _codec(self) -> Same:
        return Same(self.vae, self.paired)

    def _frames(self, seconds: float) -> int:
        # A window's own length in seconds must not gain a frame by rounding.
        return math.ceil(seconds * self.sample_rate / self.hop_length - 1e-6)

    def _told(self, prompt: str, length: Tensor) -> Told:
        words, mask = self.encoders.encode_prompt(prompt, self.device, 1)
        words, mask = self.encoders.prepare_cross_attention(words, mask, length)
        return {"told": words, "mask": mask, "length": length}

    def _velocity(self, x_t: Tensor, t: Tensor, told: Told) -> Tensor:
        return self.network(
            x_t,
            t,
            encoder_hidden_states=told["told"],
            encoder_attention_mask=told["mask"],
            global_hidden_states=told["length"],
            local_add_cond=told.get("around"),
            return_dict=False,
        )[0]


def load(folder: Path, *, name: str, digest: str, device: torch.device) -> StableAudio3:
    """Return the model in `folder`; its scheduler says whether it is distilled."""
    vae = load_same(folder / "vae")
    parts = load_parts(StableAudio3Pipeline, folder, device, vae=vae)
    distilled = bool(parts.scheduler.config.stochastic_sampling)
    return StableAudio3(
        name=name,
        digest=digest,
        encoders=parts,
        network=parts.transformer,
        vae=parts.vae,
        paired=is_paired(folder / "vae"),
        steps=DISTILLED_STEPS if distilled else STEPS,
        guidance=1.0 if distilled else GUIDANCE,
        solver="ddim" if distilled else "dpmpp_2m",
    )
