"""The model that ships: 44.1 kHz stereo, windows of 5.9 s and longer, trained on our own music.

`embedded` is a student of four steps or fewer with guidance in its weights; `embedded-base` is its
teacher, slower and freer. Both follow the tempo and downbeat they are told.
"""

import hashlib
import math
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from engine.errors import InvalidRequestError, UnknownModelError
from engine.models.denoiser import Denoiser, known_context
from engine.models.grid import grid
from engine.models.mel_codec import MelCodec
from engine.models.music_model import Conditioning, MusicalContext
from engine.models.tags import DYNAMICS, Tags, parse_key, parse_tags
from engine.models.vocoder import Vocoder
from engine.noise_schedule import NoiseSchedule
from engine.shapes import Audio, Features, Latents, PerItem, Power

WEIGHTS = Path(__file__).parent / "weights"
SHORT_WINDOW = 64
"""Latent frames of the shorter of the two windows that the network is trained on."""
STEPS = (1, 2, 4)
"""Sampler steps whose strides a student learns."""

Part = TypeVar("Part", MelCodec, Denoiser, Vocoder)


@dataclass(frozen=True)
class EmbeddedModel:
    """The embedded model behind the contract of `music_model`; adds features, power and context.

    `guidance` above 1 runs the network twice a step. Thread-safe: nothing is written after loading.
    """

    name: str
    codec: MelCodec
    denoiser: Denoiser
    steps: int
    guidance: float = 1.0
    vocoder: Vocoder | None = None
    digest: str = ""
    checkpoint_blocks: bool = False
    noise_schedule: NoiseSchedule = NoiseSchedule("cosine")  # noqa: RUF009 (frozen value)
    channels: int = 2

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return int(self.codec.config.sample_rate)

    @cached_property
    def hop_length(self) -> int:
        """Samples per latent frame."""
        return self.codec.hop_length

    @property
    def frames_per_latent(self) -> int:
        """Mel frames per latent frame."""
        return int(self.codec.config.frames_per_latent)

    @property
    def n_fft(self) -> int:
        """Samples that one frame of the power spectrogram hears."""
        return int(self.codec.config.n_fft)

    @property
    def hop(self) -> int:
        """Samples per frame of the power spectrogram."""
        return int(self.codec.config.hop)

    @property
    def max_latent_frames(self) -> int:
        """The longest window that the network was trained on."""
        return int(self.denoiser.config.latent_frames)

    @property
    def halo(self) -> int:
        """Phases go on from frame to frame, over the whole window."""
        return self.max_latent_frames

    @property
    def device(self) -> torch.device:
        """Where the network runs."""
        return torch.device(self.denoiser.device)

    def latents_shape(self, seconds: float) -> tuple[int, int, int]:
        """Return the shape of the shorter window that holds `seconds`, else of the longest.

        Shorter music is cut from a full window.
        """
        # A window's own length in seconds must not round up to the next window.
        frames = math.ceil(seconds * self.sample_rate / self.hop_length - 1e-6)
        longest = self.max_latent_frames
        fitting = min(SHORT_WINDOW, longest) if frames <= SHORT_WINDOW else longest
        return 1, int(self.codec.config.latent_channels), fitting

    def encode_text(self, prompt: str, *, seconds: float, context: MusicalContext) -> Conditioning:
        """Read tags and words out of `prompt`; the context's key where it names none, and beat.

        Tags that these weights do not know stay unsaid; their words are still read.
        """
        tags = parse_tags(prompt)
        key = parse_key(context.key) if context.key else None
        if tags.root is None and key:
            tags = replace(tags, root=key[0], mode=key[1])
        if tags.dynamics is None and context.dynamics in DYNAMICS:
            tags = replace(tags, dynamics=context.dynamics)
        rhythm = grid(
            context,
            latent_frames=self.latents_shape(seconds)[-1],
            frame_seconds=self.hop_length / self.sample_rate,
        )
        understands = self.denoiser.understands
        words = torch.tensor([understands.word_ids(prompt)])
        given = {**understands.tag_tensors(tags), "words": words, "grid": rhythm}
        unsaid = {**understands.tag_tensors(Tags()), "words": torch.zeros_like(words)}
        without = {**unsaid, "grid": rhythm} if self.guidance != 1 else None
        recognized = _recognized(understands.known(tags), context)
        return Conditioning(given, without, self.guidance, recognized)

    def encode_audio(self, audio: Audio) -> Latents:
        """Return the latents of `audio`, (1, 2, samples) at 44.1 kHz."""
        with torch.no_grad():
            return self.codec.features_to_latents(self.codec.encode_features(audio))

    def encode_features(self, audio: Audio) -> Features:
        """Return log-mel features of mid and side, dB."""
        return self.codec.encode_features(audio)

    def decode_features(self, latents: Latents) -> Features:
        """Return log-mel features of mid and side, dB; linear in the latents."""
        return self.codec.decode_features(latents)

    def decode_power(self, latents: Latents) -> Power:
        """Return the power spectrogram of what `decode` plays, without playing it."""
        return self.codec.decode_power(latents)

    def denoise(self, x_t: Latents, t: PerItem, conditioning: Conditioning) -> Latents:
        """Return x_0 = cos(pi t / 2) x_t - sin(pi t / 2) v, guided where guidance is on."""
        velocity = self._velocity(x_t, t, conditioning.given)
        if conditioning.without is not None:
            free = self._velocity(x_t, t, conditioning.without)
            velocity = free + conditioning.guidance * (velocity - free)
        alpha = self.noise_schedule.alpha(t)[:, None, None]
        sigma = self.noise_schedule.sigma(t)[:, None, None]
        return alpha * x_t - sigma * velocity

    def decode(self, latents: Latents) -> Audio:
        """Return 44.1 kHz stereo; phases are constants to the gradient."""
        return self.codec.decode(latents, vocoder=self.vocoder)

    def decode_in_context(self, latents: Latents, known: Audio, keep_mask: Tensor) -> Audio:
        """Return audio whose phases continue those of `known`, where `keep_mask` (samples) is 1."""
        with torch.no_grad():
            return self.codec.decode(latents, known, keep_mask, vocoder=self.vocoder)

    @property
    def strides(self) -> tuple[int, ...]:
        """The numbers of sampler steps that the weights were taught; () where none but `steps`."""
        return () if self.denoiser.stride is None else STEPS

    def with_steps(self, steps: int) -> "EmbeddedModel":
        """Return the same model for another number of sampler steps: 1, 2 or 4.

        Raises InvalidRequestError where the weights were not taught other strides.
        """
        if steps == self.steps:
            return self
        if not self.strides:
            raise InvalidRequestError(
                f"The model {self.name} was made for {self.steps} sampler steps; you asked for "
                f"{steps}. Leave the steps as they are, or choose a model that was taught strides."
            )
        if steps not in self.strides:
            raise InvalidRequestError(
                f"The model {self.name} knows strides for 1, 2 and 4 sampler steps; you asked for "
                f"{steps}. Choose one of these."
            )
        return replace(self, steps=steps)

    @property
    def follows_beat(self) -> bool:
        """Whether it is told tempo and bar lines: always."""
        return True

    @property
    def reads_context(self) -> bool:
        """Whether the weights were taught to read the music around a gap."""
        return self.denoiser.context is not None

    def knowing(
        self, conditioning: Conditioning, latents: Latents, keep_mask: Tensor
    ) -> Conditioning:
        """Return `conditioning` that also tells the music around a gap: native inpainting.

        `latents` (batch, channels, frames) are what is known where `keep_mask` (batch, frames) is
        1; elsewhere they may hold anything. Raises InvalidRequestError where the weights were not
        taught to read it.
        """
        if not self.reads_context:
            raise InvalidRequestError(
                f"The model {self.name} cannot be told the music around a gap: its weights were "
                "not trained for it. Use masking, or train it again with `python -m "
                "engine.training`."
            )
        known = {"context": known_context(latents, keep_mask)}
        without = conditioning.without
        return replace(
            conditioning,
            given={**conditioning.given, **known},
            without=None if without is None else {**without, **known},
        )

    def with_block_checkpointing(self) -> "EmbeddedModel":
        """Return the same model, recomputing each block in the backward pass."""
        return replace(self, checkpoint_blocks=True)

    def _velocity(self, x_t: Tensor, t: Tensor, given: dict[str, Tensor]) -> Tensor:
        batch = len(x_t)
        told = {k: v.expand(batch, *v.shape[1:]).to(x_t.device) for k, v in given.items()}
        if self.denoiser.stride is not None:
            told["stride"] = torch.full_like(t, 1 / self.steps)
        return self.denoiser(x_t, t, told, checkpoint_blocks=self.checkpoint_blocks)


def load(folder: Path = WEIGHTS, *, device: torch.device | str = "cpu") -> EmbeddedModel:
    """Load `embedded`: the student, four steps, guidance in its weights."""
    return _load("embedded", folder, "student", device, steps=4, guidance=1.0)


def load_base(folder: Path = WEIGHTS, *, device: torch.device | str = "cpu") -> EmbeddedModel:
    """Load `embedded-base`: the teacher, sixteen steps with guidance."""
    return _load("embedded-base", folder, "base", device, steps=16, guidance=2.0)


def _load(
    name: str,
    folder: Path,
    part: str,
    device: torch.device | str,
    *,
    steps: int,
    guidance: float,
) -> EmbeddedModel:
    codec_folder, denoiser_folder = folder / "codec", folder / part
    for path in (codec_folder, denoiser_folder):
        if not (path / "config.json").exists():
            raise UnknownModelError(
                f"The model {name} is incomplete: its {path.name} is missing. Install the project "
                "again, or train it with `python -m engine.training`."
            )
    # Weights without a vocoder play by Griffin-Lim alone.
    vocoder_folder = folder / "vocoder"
    vocoder = _frozen(Vocoder, vocoder_folder, device) if vocoder_folder.exists() else None
    return EmbeddedModel(
        name=name,
        codec=_frozen(MelCodec, codec_folder, device),
        denoiser=_frozen(Denoiser, denoiser_folder, device),
        steps=steps,
        guidance=guidance,
        vocoder=vocoder,
        digest=_digest(codec_folder, denoiser_folder, *([vocoder_folder] if vocoder else [])),
    )


def _frozen(kind: type[Part], folder: Path, device: torch.device | str) -> Part:
    loaded = kind.from_pretrained(folder)
    return loaded.float().to(device).eval().requires_grad_(False)


def _digest(*folders: Path) -> str:
    """Return the sha256 of all files, so that a result can name exactly what made it."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.iterdir()):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _recognized(tags: Tags, context: MusicalContext) -> dict[str, str]:
    found = {
        "style": tags.style,
        "key": f"{tags.root} {tags.mode}" if tags.root else None,
        "dynamics": tags.dynamics,
        "instruments": ", ".join(tags.instruments) or None,
        "tempo": f"{context.bpm:g} bpm" if context.bpm else None,
    }
    return {name: value for name, value in found.items() if value}
