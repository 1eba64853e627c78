"""One window, ready to be optimized: its conditioning, its objectives, its music.

x_T  --player-->  x_0  --listening-->  heard  --objectives-->  losses   (each iteration)
                  x_0  --decoder-->  audio  -->  canvas                   (once)
"""

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import ClassVar

import torch

from engine.analysis import analyze
from engine.canvas import Canvas, paste
from engine.job import Job
from engine.layout import gather
from engine.matching import Levels, audio_levels, is_silent
from engine.models.music_model import (
    Conditioning,
    DecodesInContext,
    HasFeatureDomain,
    InpaintsNatively,
    MusicalContext,
)
from engine.objectives.objective import Objective
from engine.objectives.painting import FEATURE_WINDOW, Painting, frames_inside, painting
from engine.objectives.texture import TextureObjective, stretches_of, texture
from engine.objectives.weights import default_weights
from engine.optimizer import Settings
from engine.player import Player
from engine.shapes import Latents, Mask, Samples, Scalar
from engine.steps import window_settings
from engine.surrogate import Surrogate, in_steps
from engine.targets import controlled_frames, dynamics, objectives, steered
from engine.weighting import Weighting
from engine.windows import Window


@dataclass(frozen=True)
class WindowJob:
    """One window of one take, on the `canvas` as the windows before have left it.

    `noise` is what the search begins from, where there is one.
    """

    job: Job
    window: Window
    canvas: Canvas
    noise: Latents | None = None
    note: ClassVar[str] = ""

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
    def told(self) -> Conditioning:
        """The prompt, and the beat as it falls in this window."""
        request, rate = self.job.request, self.job.model.sample_rate
        context = replace(self.context, dynamics=dynamics(self.job))
        return self.job.model.encode_text(
            request.prompt, seconds=self.samples / rate, context=context
        )

    @cached_property
    def conditioning(self) -> Conditioning:
        """What the model is told: also the known music, where it reads that (native inpainting).

        It then knows what to go on with; the search mends what it misses. The paper's own settings
        leave that to the search.
        """
        model, device = self.job.model, self.job.device
        if self.is_free or self.job.request.quality == "paper":
            return self.told
        if not isinstance(model, InpaintsNatively) or not model.reads_context:
            return self.told
        known, keep_mask = (each.to(device) for each in self.known)
        latents = model.encode_audio(known[None])
        whole = frames_inside(keep_mask, latents.shape[-1], FEATURE_WINDOW // 2)
        return model.knowing(self.told, latents, whole)

    @cached_property
    def context(self) -> MusicalContext:
        """What is known of the music, its beat counted from the window's first sample."""
        context = self._heard()
        if context.beat_offset is None:
            return context
        begins = self.canvas.origin + self.window.start / self.job.model.sample_rate
        begins -= self.job.layout.clip_start / self.job.clip.sample_rate
        return replace(context, beat_offset=context.beat_offset - begins)

    def _heard(self) -> MusicalContext:
        """Return the job's context; where a job has no clip, what the first window has brought."""
        context = self.job.context
        if self.job.request.task != "generate" or self.is_free or context.bpm is not None:
            return context
        made = self.canvas.audio[:, : self.job.windows[0].samples]
        return analyze(made, self.canvas.sample_rate, host=context, model=self.job.model).context

    @cached_property
    def painting(self) -> Painting:
        """The known audio as an objective, of weight 1; what is made is leveled by it as well."""
        known, keep_mask = self.known
        device = self.job.device
        return painting(self.job.model, known[None].to(device), keep_mask.to(device))

    @cached_property
    def objectives(self) -> dict[str, Objective]:
        """What the music of this window should have, by name; nothing where it is free."""
        if self.job.is_settled:
            return {}
        overlap: dict[str, Objective] = {}
        if not self.is_free:
            weight = default_weights(self.job.kinds(self.window))["overlap"]
            weight = 1.0 if self.job.request.balance else weight
            overlap = {"overlap": replace(self.painting, weight=weight)}
        return overlap | objectives(self.job, self.window, self.canvas) | self._texture

    @cached_property
    def _texture(self) -> dict[str, Objective]:
        """Around controls, the texture of the clip; without one, of what the first noise makes."""
        job, kinds = self.job, self.job.kinds(self.window)
        asked = controlled_frames(job, self.window).to(job.device)
        if "texture" not in kinds or self.noise is None or not bool(asked.any()):
            return {}
        listening = job.listening
        like, shown, stretches = listening.hear(self.player.music(self.noise)), asked, 1
        if not self.is_free:
            known, keep_mask = self.known
            like = listening.hear_recording(known, sample_rate=job.model.sample_rate)
            shown = frames_inside(keep_mask, like.frames, 0)[0].to(job.device) > 0
            if not bool(shown.any()):
                return {}
        elif "structure" not in kinds and "melody" in kinds:
            stretches = stretches_of(asked, frame_seconds=like.frame_seconds)
        relative = bool(kinds & {"intensity", "shape"})
        found = TextureObjective(
            target=texture(like.log_mel, shown, stretches, relative=relative),
            asked=asked,
            weight=default_weights(kinds)["texture"],
            relative=relative,
        )
        return {found.name: found}

    @cached_property
    def player(self) -> Player:
        """The model, told about this window."""
        return self.player_told(self.conditioning)

    def player_told(self, conditioning: Conditioning) -> Player:
        """Return the model, told something else."""
        job = self.job
        shape = job.latents_shape(self.window)
        sparing = job.frugality.sparing
        return Player(job.model, conditioning, job.steps, shape, job.device, sparing)

    @cached_property
    def settings(self) -> Settings:
        """How to search; of a kind asked twice each ends at the kind's threshold."""
        settings = window_settings(self.job, self.window)
        known, found = settings.thresholds, self.objectives.items()
        thresholds = {name: known[each.name] for name, each in found if each.name in known}
        return replace(settings, thresholds=thresholds)

    @cached_property
    def weighting(self) -> Weighting:
        """What each objective counts."""
        found = self.objectives.items()
        return Weighting(
            {name: objective.weight for name, objective in found},
            {name: objective.schedule for name, objective in found},
            self.job.request.balance,
        )

    @cached_property
    def surrogate(self) -> Surrogate | None:
        """What the search listens to before it listens to all sampler steps; None: nothing."""
        steps = self.job.surrogate_steps(self.window)
        if not steps:
            return None
        player = replace(self.player, model=in_steps(self.job.model, steps), steps=steps)
        return Surrogate(partial(self._losses, player))

    def losses(self, x_T: Latents) -> dict[str, Scalar]:
        """Return the losses of the music in the noise `x_T`, unweighted and differentiable."""
        return self._losses(self.player, x_T)

    def _losses(self, player: Player, x_T: Latents) -> dict[str, Scalar]:
        heard = self.job.listening.hear(player.play(x_T))
        return {name: objective.loss(heard) for name, objective in self.objectives.items()}

    @torch.no_grad()
    def place(self, x_0: Latents) -> tuple[Canvas, Levels]:
        """Decode `x_0` and return the canvas with its new material in it, and how loud it was."""
        model = self.job.model
        known, keep_mask = self.known
        if isinstance(model, DecodesInContext) and not self.is_free:
            device = x_0.device
            made = model.decode_in_context(x_0, known[None].to(device), keep_mask[0].to(device))
        else:
            made = self.job.listening.decode(x_0)
        audio = made[0].float().cpu()
        if isinstance(model, HasFeatureDomain) and not self.is_free:
            levels = self.painting.levels(x_0)
        else:
            levels = audio_levels(known, audio, keep_mask, model.hop_length)
        led = steered(self.job)
        return paste(self.canvas, self.window, audio, levels, steered=led), levels
