"""One window, ready to be optimized: its conditioning, its noise, its objective, its music.

x_T  --sampler-->  x_0  --objective-->  losses           (each iteration)
                    x_0  --decoder-->  audio  -->  canvas  (once)
"""

from dataclasses import dataclass, replace
from functools import cached_property, partial

import torch

from engine.activation_memory import activation_bytes
from engine.analysis import analyze
from engine.canvas import Canvas, paste
from engine.device import free_bytes
from engine.layout import Layout, gather
from engine.matching import Levels, audio_levels, is_silent
from engine.models.music_model import (
    Conditioning,
    DecodesInContext,
    HasFeatureDomain,
    MusicalContext,
    MusicModel,
    OnDevice,
)
from engine.objectives.painting import Painting, painting
from engine.requests import Clip, Request
from engine.sampler.checkpointing import Checkpointing, choose_checkpointing, recompute_blocks
from engine.sampler.sample import sample
from engine.shapes import Latents, Mask, Samples, Scalar
from engine.windows import Window


@dataclass(frozen=True)
class Job:
    """What all takes and windows of a request share. `canvas` has nothing new in it yet."""

    request: Request
    clip: Clip
    model: MusicModel
    context: MusicalContext
    layout: Layout
    canvas: Canvas
    windows: tuple[Window, ...]

    @property
    def device(self) -> torch.device:
        """Where the model runs."""
        return self.model.device if isinstance(self.model, OnDevice) else torch.device("cpu")

    def noise(self, take: int, window: int) -> Latents:
        """Return the initial noise of one window of one take.

        Depends on nothing but the take's seed and the plan, so that a resumed job draws the same.
        """
        generator = torch.Generator().manual_seed(self.request.seed + take)
        draws = [
            torch.randn(self.latents_shape(w), generator=generator)
            for w in self.windows[: window + 1]
        ]
        return draws[-1].to(self.device)

    def latents_shape(self, window: Window) -> tuple[int, int, int]:
        """Return the shape of the model's shortest window that holds `window`."""
        return self.model.latents_shape(window.samples / self.model.sample_rate)


@dataclass(frozen=True)
class WindowJob:
    """One window of one take, on the `canvas` as the windows before have left it."""

    job: Job
    window: Window
    canvas: Canvas

    @cached_property
    def is_free(self) -> bool:
        """Whether there is nothing to optimize: nothing is known, or only silence is.

        Silence says nothing about music; a model that reproduced it would go on with silence.
        """
        keep = self.window.keep
        return not keep or is_silent(gather(self.canvas.audio, keep))

    @cached_property
    def samples(self) -> int:
        """Samples that the model makes: its shortest window that holds this one."""
        return self.job.latents_shape(self.window)[-1] * self.job.model.hop_length

    @cached_property
    def known(self) -> tuple[Samples, Mask]:
        """The window's known audio, and 1 where it is known."""
        return self.canvas.window(self.window, self.samples)

    @cached_property
    def conditioning(self) -> Conditioning:
        """What the model is told: the prompt, and the beat as it falls in this window."""
        request, rate = self.job.request, self.job.model.sample_rate
        context = self._heard()
        if context.beat_offset is not None:
            begins = self.canvas.origin + self.window.start / rate
            begins -= self.job.layout.clip_start / self.job.clip.sample_rate
            context = replace(context, beat_offset=context.beat_offset - begins)
        # Left unsaid, the model would fade or swell by chance, beside a clip most of all. The level
        # moves where the prompt says so.
        context = replace(context, dynamics="steady")
        return self.job.model.encode_text(
            request.prompt, seconds=self.samples / rate, context=context
        )

    def _heard(self) -> MusicalContext:
        """Return the job's context; where a job has no clip, what the first window has brought."""
        context = self.job.context
        if self.job.request.task != "generate" or self.is_free or context.bpm is not None:
            return context
        made = self.canvas.audio[:, : self.job.windows[0].samples]
        return analyze(made, self.canvas.sample_rate, host=context).context

    @cached_property
    def painting(self) -> Painting:
        """What the music of this window should have."""
        known, keep_mask = self.known
        device = self.job.device
        return painting(self.job.model, known[None].to(device), keep_mask.to(device))

    @cached_property
    def _sampler(self) -> tuple[MusicModel, Checkpointing]:
        """The model to call in the loop and what its backward pass stores, by free memory."""
        model = self.job.model
        x_T = torch.zeros(self.job.latents_shape(self.window), device=self.job.device)
        stored = activation_bytes(partial(model.denoise, conditioning=self.conditioning), x_T)
        checkpointing = choose_checkpointing(
            activation_bytes_per_step=stored,
            steps=model.steps,
            free_bytes=free_bytes(self.job.device),
        )
        return recompute_blocks(model, checkpointing)

    def losses(self, x_T: Latents) -> dict[str, Scalar]:
        """Return the losses of the music in the noise `x_T`, differentiable."""
        model, checkpointing = self._sampler
        return self.painting.losses(self._sample(x_T, model, checkpointing))

    @torch.no_grad()
    def music(self, x_T: Latents) -> Latents:
        """Return the music in the noise `x_T`, no longer differentiable."""
        # In the order that it has after a checkpoint: the order of summing may change a last bit.
        return self._sample(x_T, self.job.model, "none").contiguous()

    def _sample(self, x_T: Latents, model: MusicModel, checkpointing: Checkpointing) -> Latents:
        return sample(
            partial(model.denoise, conditioning=self.conditioning),
            x_T,
            model.noise_schedule,
            steps=model.steps,
            checkpointing=checkpointing,
        )

    @torch.no_grad()
    def place(self, x_0: Latents) -> tuple[Canvas, Levels]:
        """Decode `x_0` and return the canvas with its new material in it, and how loud it was."""
        model = self.job.model
        known, keep_mask = self.known
        if isinstance(model, DecodesInContext) and not self.is_free:
            device = x_0.device
            made = model.decode_in_context(x_0, known[None].to(device), keep_mask[0].to(device))
        else:
            made = model.decode(x_0)
        audio = made[0].float().cpu()
        if isinstance(model, HasFeatureDomain) and not self.is_free:
            levels = self.painting.levels(x_0)
        else:
            levels = audio_levels(known, audio, keep_mask, model.hop_length)
        return paste(self.canvas, self.window, audio, levels), levels
