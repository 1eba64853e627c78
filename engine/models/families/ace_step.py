"""ACE-Step 1.5: 48 kHz stereo of any length, told in words, tempo, key and meter.

Its own sampler is the deterministic one that DITTO needs. On the linear path

    x_t = (1 - t) x_0 + t eps,   v = eps - x_0,   x_0 = x_t - t v

Turbo weights make music in 8 steps and know no guidance; those of base and sft take 30, with
guidance that remembers (`projected`). All were taught to repaint: beside the words they are told
the music around a gap, and which frames to make (`InpaintsNatively`).

Sources: Gong et al. 2026, ACE-Step 1.5, arXiv:2602.00744; diffusers' AceStepPipeline.
"""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from diffusers import AceStepPipeline
from torch import Tensor

from engine.models.families import oobleck
from engine.models.families.guided import Told, branches, recomputing
from engine.models.families.loading import load_parts
from engine.models.families.projected import projected
from engine.models.music_model import Conditioning, MusicalContext
from engine.models.tags import parse_tags
from engine.noise_schedule import NoiseSchedule
from engine.shapes import Audio, Curve, Latents, PerItem

SHIFT = 3.0
TURBO_STEPS, STEPS = 8, 30
GUIDANCE = 7.0
SHORTEST_SECONDS, LONGEST_SECONDS = 10.0, 60.0
"""The shortest is what it was taught; the longest is ours: with its gradient it fits on 16 GB."""
LYRICS = "[Instrumental]"
MAKE = "Fill the audio semantic mask based on the given conditions:"
REPAINT = "Repaint the mask area based on the given conditions:"
TIMBRE_SECONDS = 30
"""Of silence, where no recording shows the timbre."""


@dataclass(frozen=True)
class AceStep:
    """See the module. `encoders` is the pipeline, for its way with words."""

    name: str
    digest: str
    encoders: Any
    network: Any
    vae: Any
    steps: int
    guidance: float
    noise_schedule: NoiseSchedule = field(
        default_factory=lambda: NoiseSchedule("linear", shift=SHIFT)
    )
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
        return int(self.vae.hop_length)

    @property
    def halo(self) -> int:
        """Latent frames that the decoder hears to each side."""
        return oobleck.halo(self.vae.config.downsampling_ratios)

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
        return 1, int(self.network.config.audio_acoustic_hidden_dim), self._frames(seconds)

    @torch.no_grad()
    def encode_text(self, prompt: str, *, seconds: float, context: MusicalContext) -> Conditioning:
        """Return what is said of music to make, and the same of music to repaint.

        Around it there is silence, and all of it is to be made.
        """
        frames = self.latents_shape(seconds)[-1]
        said = parse_tags(prompt)
        key = f"{said.root} {said.mode}" if said.root else context.key
        meta = {
            "bpm": None if context.bpm is None else round(context.bpm),
            "keyscale": key,
            "timesignature": None if context.bpm is None else str(context.beats_per_bar),
            "audio_duration": frames * self.hop_length / self.sample_rate,
        }
        silence, _ = self.encoders.prepare_src_latents(
            device=self.device, dtype=torch.float32, latent_length=frames
        )
        silence = silence.transpose(1, 2)
        around = torch.cat([silence, torch.ones_like(silence)], dim=1)
        given = {
            "told": self._told(prompt, MAKE, meta),
            "repaint": self._told(prompt, REPAINT, meta),
            "around": around,
        }
        nothing = self.encoders.condition_encoder.null_condition_emb
        unsaid = {name: nothing.expand_as(given[name]) for name in ("told", "repaint")}
        without = {**unsaid, "around": around} if self.guidance != 1 else None
        shown = {"prompt": prompt, "key": key, "tempo": context.bpm and f"{context.bpm:.0f} bpm"}
        recognized = {name: value for name, value in shown.items() if value}
        return Conditioning(given, without, self.guidance, recognized)

    def knowing(
        self, conditioning: Conditioning, latents: Latents, keep_mask: Curve
    ) -> Conditioning:
        """Return `conditioning` that also tells `latents` where `keep_mask` (per frame) is 1."""
        known = (keep_mask > 0)[:, None]
        # Chosen, not multiplied: beyond what is known they may hold anything.
        silence = conditioning.given["around"][:, : latents.shape[1]]
        make = (~known).to(latents).expand_as(latents)
        around = torch.cat([torch.where(known, latents, silence), make], dim=1)

        def told(branch: Told) -> Told:
            return {**branch, "told": branch["repaint"], "around": around}

        without = conditioning.without
        return replace(
            conditioning,
            given=told(conditioning.given),
            without=None if without is None else told(without),
        )

    def encode_audio(self, audio: Audio) -> Latents:
        """Return the latents of `audio`."""
        return oobleck.encode(self.vae, audio)

    def denoise(self, x_t: Latents, t: PerItem, conditioning: Conditioning) -> Latents:
        """Return x_0 as in a first step, guided by what is told now alone."""
        x_0, _ = self.denoise_carrying(x_t, t, None, conditioning=conditioning)
        return x_0

    def denoise_carrying(
        self, x_t: Latents, t: PerItem, carried: Latents | None, *, conditioning: Conditioning
    ) -> tuple[Latents, Latents | None]:
        """Return x_0 = x_t - t v, and what the guidance remembers for the next step."""
        free, velocity = branches(self._velocity, x_t, t, conditioning)
        if free is not None:
            velocity, carried = projected(velocity, free, carried, conditioning.guidance)
        return x_t - t.view(-1, 1, 1) * velocity, carried

    def decode(self, latents: Latents) -> Audio:
        """Return the waveform as it is, not normalized; differentiable."""
        return oobleck.decode(self.vae, latents)

    def with_block_checkpointing(self) -> "AceStep":
        """Return the same model, recomputing each block in the backward pass."""
        return replace(self, network=recomputing(self.network))

    def _frames(self, seconds: float) -> int:
        # A window's own length in seconds must not gain a frame by rounding.
        return math.ceil(seconds * self.sample_rate / self.hop_length - 1e-6)

    def _told(self, prompt: str, instruction: str, meta: dict[str, Any]) -> Tensor:
        """Return (1, tokens, width): words, lyrics and, as no recording shows it, no timbre."""
        encoders = self.encoders
        words, words_mask, lyrics, lyrics_mask = encoders.encode_prompt(
            prompt, LYRICS, self.device, instruction=instruction, **meta
        )
        frames = math.ceil(TIMBRE_SECONDS * self.sample_rate / self.hop_length)
        told, _ = encoders.condition_encoder(
            text_hidden_states=words,
            text_attention_mask=words_mask,
            lyric_hidden_states=lyrics,
            lyric_attention_mask=lyrics_mask,
            refer_audio_acoustic_hidden_states_packed=(
                encoders.condition_encoder.silence_latent[:, :frames]
            ),
            refer_audio_order_mask=torch.zeros(1, dtype=torch.long, device=self.device),
        )
        return told

    def _velocity(self, x_t: Tensor, t: Tensor, told: Told) -> Tensor:
        # Its time is the axis before the last.
        return self.network(
            hidden_states=x_t.transpose(1, 2),
            timestep=t,
            timestep_r=t,
            encoder_hidden_states=told["told"],
            context_latents=told["around"].transpose(1, 2),
            return_dict=False,
        )[0].transpose(1, 2)


def load(folder: Path, *, name: str, digest: str, device: torch.device) -> AceStep:
    """Return the model in `folder`; what reads tokens of music stays on the disk."""
    parts = load_parts(
        AceStepPipeline,
        folder,
        device,
        scheduler=None,
        audio_tokenizer=None,
        audio_token_detokenizer=None,
    )
    steps, guidance = (TURBO_STEPS, 1.0) if parts.is_turbo else (STEPS, GUIDANCE)
    return AceStep(name, digest, parts, parts.transformer, parts.vae, steps, guidance)
