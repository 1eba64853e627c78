"""The contract of a base model: what DITTO needs from any text-to-music diffusion model.

`denoise` returns the clean estimate x_0, not eps or velocity: each model converts in one line, and
everything above it (samplers, objectives, optimizer) never asks what kind of model it holds.
"""

from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import torch
from torch import Tensor

from engine.noise_schedule import NoiseSchedule
from engine.shapes import Audio, Features, Latents, PerItem, Power


@dataclass(frozen=True)
class MusicalContext:
    """What is known about some music. None: not known.

    `beat_offset` is the time in seconds of a downbeat (beat one of a bar), measured from the
    music's first sample, be it a clip or one window of a model; it may be negative. `key` is
    written as "A minor" or "F# major". `dynamics` is how its level moves, such as steady.
    """

    bpm: float | None = None
    beat_offset: float | None = None
    beats_per_bar: int = 4
    key: str | None = None
    dynamics: str | None = None


@dataclass(frozen=True)
class Conditioning:
    """What the model is told: tensors by name, batch first, for the prompt and for no prompt.

    `without` is the other branch of classifier-free guidance; None where guidance is distilled
    into the weights. `guidance` is its strength w in w cond + (1 - w) uncond; 1 is off.
    `recognized` is what was understood of the prompt, to be shown to the user.
    """

    given: dict[str, Tensor]
    without: dict[str, Tensor] | None = None
    guidance: float = 1.0
    recognized: dict[str, str] = field(default_factory=dict)


@runtime_checkable
class MusicModel(Protocol):
    """A frozen text-to-music diffusion model. Every method is pure; nothing is set beforehand."""

    name: str
    sample_rate: int
    channels: int
    hop_length: int
    """Samples per latent frame."""
    halo: int
    """Receptive field of `decode` to each side, in latent frames: makes windowed decode exact."""
    max_latent_frames: int
    """The longest window the model can make, in latent frames."""
    noise_schedule: NoiseSchedule
    steps: int
    """Sampler steps it was made for (4 for a four-step student)."""

    def latents_shape(self, seconds: float) -> tuple[int, int, int]:
        """Return (1, latent_channels, latent_frames) of the shortest window of that length."""
        ...

    def encode_text(self, prompt: str, *, seconds: float, context: MusicalContext) -> Conditioning:
        """Return the conditioning of one window. No gradient; once per window."""
        ...

    def encode_audio(self, audio: Audio) -> Latents:
        """Return the latents of `audio` (at the model's rate and channels). No gradient."""
        ...

    def denoise(self, x_t: Latents, t: PerItem, conditioning: Conditioning) -> Latents:
        """Return the estimate of x_0, guidance applied; differentiable in `x_t`."""
        ...

    def decode(self, latents: Latents) -> Audio:
        """Return hop_length * latent_frames samples; differentiable where the model allows."""
        ...


@runtime_checkable
class OnDevice(Protocol):
    """A model that says where it runs; the others run on the CPU."""

    device: torch.device
    """Where its inputs must be."""


@runtime_checkable
class ChoosesSolver(Protocol):
    """A model whose path bends too much for DDIM in its `steps`; the others are sampled with it."""

    solver: Literal["ddim", "dpmpp_2m"]


@runtime_checkable
class KnowsStrides(Protocol):
    """A model that is told which share of the path a step covers, where it was taught to."""

    strides: tuple[int, ...]
    """The numbers of steps that these weights were taught; () where none but their own."""

    def with_steps(self, steps: int) -> MusicModel:
        """Return the same model for another number of steps. Raises InvalidRequestError."""
        ...


@runtime_checkable
class CarriesGuidance(Protocol):
    """A model whose guidance remembers the steps before; `denoise` of it guides by one alone."""

    def denoise_carrying(
        self, x_t: Latents, t: PerItem, carried: Latents | None, *, conditioning: Conditioning
    ) -> tuple[Latents, Latents | None]:
        """Return x_0, and what the next step must be given as `carried`; None in the first."""
        ...


@runtime_checkable
class HasFeatureDomain(Protocol):
    """A model with a cheaper differentiable domain than audio, such as a log-mel spectrogram."""

    frames_per_latent: int
    """Feature frames per latent frame."""

    def decode_features(self, latents: Latents) -> Features:
        """Return the features in decibels; differentiable, no waveform in the graph."""
        ...

    def encode_features(self, audio: Audio) -> Features:
        """Return the features of `audio` in decibels, comparable with `decode_features`."""
        ...


@runtime_checkable
class HasPower(Protocol):
    """A model whose music has a spectrum before it has a waveform."""

    n_fft: int
    """Samples that one frame hears."""
    hop: int
    """Samples per frame; divides `hop_length`."""

    def decode_power(self, latents: Latents) -> Power:
        """Return the power spectrogram of what `decode` makes, averaged over channels.

        As |STFT|^2 with a periodic Hann window of `n_fft`, frame k centred at sample k * hop.
        Differentiable, no waveform in the graph.
        """
        ...


@runtime_checkable
class DecodesInGroups(Protocol):
    """A model whose decoder takes latent frames in groups, counted from the first."""

    decode_group: int
    """Latent frames per group: a window to decode begins with a whole one."""


@runtime_checkable
class DecodesInContext(Protocol):
    """A model whose decoder can start from the known waveform around an edit."""

    def decode_in_context(self, latents: Latents, known: Audio, keep_mask: Tensor) -> Audio:
        """Return audio whose phases follow `known` where `keep_mask` (per sample) is 1."""
        ...


@runtime_checkable
class InpaintsNatively(Protocol):
    """A model that can be told the music around a gap, beside words and beat."""

    reads_context: bool
    """Whether these weights were taught to."""

    def knowing(
        self, conditioning: Conditioning, latents: Latents, keep_mask: Tensor
    ) -> Conditioning:
        """Return `conditioning` that also tells `latents` where `keep_mask` (per frame) is 1."""
        ...


@runtime_checkable
class FollowsBeat(Protocol):
    """A model that is told tempo and bar lines frame by frame, and so knows them when it hears."""

    follows_beat: bool
    """Whether these weights were taught to."""
