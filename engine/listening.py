"""Hearing: what a model's music, or a recording, is measured to be.

    x_0 -> power of every frequency -> levels, intensity, chroma, log-mel, timbre

Targets, losses and the curves shown afterwards all come from the same views on the same frames, so
that they can be compared. Two ways lead to the power: through the model's own features where it
has them (`HasPower`), with no waveform in the graph; or through the decoded audio, for every model.
"""

from dataclasses import dataclass
from functools import cached_property
from math import log2
from typing import Literal

import torch

from engine.errors import InvalidRequestError
from engine.features.chroma import chroma
from engine.features.intensity import intensity, levels_of_power
from engine.features.log_mel import log_mel
from engine.features.power import power_spectrogram
from engine.features.savitzky_golay import odd_frames
from engine.features.self_similarity import SMOOTHING_SECONDS, self_similarity, timbre
from engine.models.music_model import HasFeatureDomain, HasPower, MusicModel, OnDevice
from engine.rate import resample, with_channels
from engine.shapes import (
    Audio,
    Chroma,
    Curve,
    Features,
    Latents,
    Power,
    Similarity,
    Stretch,
    Timbre,
)
from engine.windowed_decode import decode_windowed

Path = Literal["features", "audio"]

WINDOW_SECONDS = 2048 / 44100
"""What one frame hears: short enough for rhythm, long enough for pitch."""
_LEAST_DECODED = 64
"""Latent frames: fewer at a time would be more work and hardly less memory."""


@dataclass(frozen=True)
class Listening:
    """How the music of `model` is heard; `path` None: the cheapest there is."""

    model: MusicModel
    path: Path | None = None
    decode_frames: int | None = None
    """Latent frames to decode at a time; None: four times the halo."""

    def __post_init__(self) -> None:
        if self.path == "features" and not isinstance(self.model, HasPower):
            raise InvalidRequestError(
                f"The model {self.model.name} has no spectrum of its own to listen to. "
                'Use path="audio", which hears the decoded waveform.'
            )

    @property
    def through_audio(self) -> bool:
        """Whether a waveform is made to be heard."""
        return self.path == "audio" or not isinstance(self.model, HasPower)

    @property
    def n_fft(self) -> int:
        """Samples that one frame hears: the model's own, else the power of two near 46 ms."""
        if isinstance(self.model, HasPower):
            return self.model.n_fft
        return int(2 ** round(log2(WINDOW_SECONDS * self.model.sample_rate)))

    @property
    def hop(self) -> int:
        """Samples per frame."""
        return self.model.hop if isinstance(self.model, HasPower) else self.n_fft // 4

    def decode(self, x_0: Latents) -> Audio:
        """Return the model's music `x_0` as a waveform, differentiable, a window at a time."""
        # A half more to compute than in one piece, and of 47 s not a tenth of the memory.
        window = self.decode_frames or max(_LEAST_DECODED, 4 * self.model.halo)
        return decode_windowed(self.model, x_0, window=window)

    def hear(self, x_0: Latents) -> "Heard":
        """Return what the model's music `x_0` is; every view is differentiable in it."""
        return Heard(self, latents=x_0)

    def hear_recording(self, audio: Stretch, *, sample_rate: int) -> "Heard":
        """Return what real audio (channels, samples) is, on the same frames, as a batch of one."""
        model = self.model
        audio = resample(with_channels(audio.cpu(), model.channels), sample_rate, model.sample_rate)
        device = model.device if isinstance(model, OnDevice) else torch.device("cpu")
        return Heard(self, recording=audio[None].to(device))


@dataclass(frozen=True)
class Heard:
    """Views on one piece of music, each computed when first asked for; batch first.

    Made by a `Listening`, of the model's `latents` or of a `recording`.
    """

    listening: Listening
    latents: Latents | None = None
    recording: Audio | None = None

    @property
    def frame_seconds(self) -> float:
        """Seconds per frame; frame k is centred at k times it."""
        return self.listening.hop / self.listening.model.sample_rate

    @property
    def frames(self) -> int:
        """Frames of every view but `x_0` and `features`."""
        return int(self.power.shape[-1])

    @cached_property
    def x_0(self) -> Latents:
        """The model's latents; a recording's as the model encodes it."""
        if self.latents is not None:
            return self.latents
        return self.listening.model.encode_audio(self.audio)

    @cached_property
    def features(self) -> Features:
        """The model's own feature domain in dB; its latents where it has none."""
        model = self.listening.model
        if not isinstance(model, HasFeatureDomain):
            return self.x_0
        if self.recording is not None:
            return model.encode_features(self.recording)
        return model.decode_features(self.x_0)

    @cached_property
    def audio(self) -> Audio:
        """The waveform; decoded in the graph if it is the model's."""
        if self.recording is not None:
            return self.recording
        return self.listening.decode(self.x_0)

    @cached_property
    def power(self) -> Power:
        """The power spectrogram, averaged over channels."""
        listening = self.listening
        if (
            self.recording is None
            and not listening.through_audio
            and isinstance(listening.model, HasPower)
        ):
            return listening.model.decode_power(self.x_0)
        return power_spectrogram(self.audio, n_fft=listening.n_fft, hop=listening.hop)

    @cached_property
    def levels(self) -> Curve:
        """The level of each frame in dB."""
        return levels_of_power(self.power, n_fft=self.listening.n_fft)

    @cached_property
    def intensity(self) -> Curve:
        """The levels smoothed over a second."""
        return intensity(self.levels, frame_seconds=self.frame_seconds)

    @cached_property
    def chroma(self) -> Chroma:
        """The energies of the twelve pitch classes."""
        return chroma(self.power, sample_rate=self.listening.model.sample_rate)

    @cached_property
    def log_mel(self) -> Features:
        """The level of 128 mel bands in dB."""
        return log_mel(self.power, sample_rate=self.listening.model.sample_rate)

    @cached_property
    def timbre(self) -> Timbre:
        """The direction of each frame's timbre, for self-similarity."""
        return timbre(self.log_mel)

    def self_similarity(self, *, smoothing: bool) -> Similarity:
        """Return which frames sound alike; `smoothing` over a second hides what varies in a bar."""
        window = odd_frames(SMOOTHING_SECONDS, frame_seconds=self.frame_seconds)
        return self_similarity(self.timbre, smoothing=window if smoothing else None)
