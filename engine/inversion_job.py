"""The inversion of one window: the noise in which the model hears the clip itself.

    the clip's window  --DDIM inversion-->  x_T  --optimizer, objective "clip"-->  x_T*
    x_T*, fresh noise  --strength-->  the noise that a variation begins from

The DDIM inversion is topped up with fresh noise to the variance of noise: what it finds is too
quiet (standard deviation 0.4 to 0.8 on the bundled clips). Of three clips, searches begun from it
alone ended at about the same loss on two and at four times the loss on the third. It is told the
clip's tempo, beat and key, but no prompt: told the prompt already, the noise holds the clip as that
prompt's, and the prompt moves it half as far (groove.wav, strength 0: 3 dB of log-mel for 6 dB).

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, appendix D; the mix is ours.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import torch

from engine.listening import Listening
from engine.objectives.inversion import ClipObjective
from engine.optimizer import Settings
from engine.player import Player
from engine.shapes import Latents, Samples, Scalar
from engine.steps import inversion_settings
from engine.weighting import Weighting
from engine.window_job import WindowJob

STEPS = 32
"""Of the DDIM inversion: it costs what one or two iterations of the search cost."""


@dataclass(frozen=True)
class InversionJob:
    """See the module."""

    window: WindowJob
    weighting: ClassVar[Weighting] = Weighting()
    surrogate: ClassVar[None] = None
    note: ClassVar[str] = "Looking for the clip in the model's noise."

    @cached_property
    def player(self) -> Player:
        """The model, told about the clip and not about the prompt."""
        window = self.window
        context = replace(window.context, dynamics=None)
        seconds = window.samples / window.job.model.sample_rate
        told = window.job.model.encode_text("", seconds=seconds, context=context)
        return window.player_told(told)

    @cached_property
    def clip(self) -> Samples:
        """The clip's audio in this window; silence after its end."""
        start, samples = self.window.window.start, self.window.samples
        audio = self.window.job.original[:, start : start + samples]
        return torch.nn.functional.pad(audio, (0, samples - audio.shape[-1]))

    @cached_property
    def objective(self) -> ClipObjective:
        """The clip itself, as far as it goes in this window."""
        window = self.window
        job = window.job
        heard = Listening(job.model).hear_recording(self.clip, sample_rate=job.model.sample_rate)
        ends = window.job.original.shape[-1] - window.window.start
        frames = heard.features.shape[-1]
        mask = (torch.arange(frames) < frames * ends / window.samples).to(heard.features)
        return ClipObjective(target=heard.features, mask=mask[None], weight=1.0)

    def start(self, fresh: Latents) -> Latents:
        """Return the noise that the search begins from."""
        job = self.window.job
        x_0 = job.model.encode_audio(self.clip[None].to(job.device))
        x_T = self.player.noise_of(x_0, steps=STEPS)
        missing = max(0.0, 1.0 - float(x_T.var()))
        return x_T + math.sqrt(missing) * fresh

    @cached_property
    def settings(self) -> Settings:
        """How to search for the clip."""
        return inversion_settings(self.window.job)

    def losses(self, x_T: Latents) -> dict[str, Scalar]:
        """Return how far the music in `x_T` is from the clip, differentiable."""
        heard = self.window.job.listening.hear(self.player.play(x_T))
        return {self.objective.name: self.objective.loss(heard)}


def mixed(clip: Latents, fresh: Latents, strength: float) -> Latents:
    """Return noise between that of the clip (0) and fresh noise (1), as loud as noise."""
    angle = strength * math.pi / 2
    return math.cos(angle) * clip + math.sin(angle) * fresh
