"""The model, told what to play: x_T -> x_0, with or without the gradient."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch

from engine.activation_memory import activation_bytes
from engine.device import free_bytes
from engine.models.music_model import CarriesGuidance, ChoosesSolver, Conditioning, MusicModel
from engine.sampler.checkpointing import Checkpointing, choose_checkpointing, recompute_blocks
from engine.sampler.inversion import invert
from engine.sampler.sample import sample, sample_carrying
from engine.sampler.stochastic import ancestral, sample_stochastic
from engine.shapes import Latents


@dataclass(frozen=True)
class Player:
    """`model` with its `conditioning`, sampled in `steps` on `device`; latents of one `shape`."""

    model: MusicModel
    conditioning: Conditioning
    steps: int
    shape: tuple[int, int, int]
    device: torch.device
    sparing: bool = False
    """Whether to take as little memory as possible, at the price of a second forward pass."""
    fixed: Checkpointing | None = None
    """What to recompute, whatever memory is free; None: by free memory."""

    def play(self, x_T: Latents) -> Latents:
        """Return the music in the noise `x_T`, differentiable."""
        model, checkpointing = self._in_the_loop
        return self._sample(x_T, model, checkpointing)

    @torch.no_grad()
    def music(self, x_T: Latents, renewals: Sequence[Latents] = ()) -> Latents:
        """Return the music in the noise `x_T`, no longer differentiable.

        With `renewals`, one noise between each two steps, other music of that noise: the ancestral
        sampler's.
        """
        if renewals:
            denoise = partial(self.model.denoise, conditioning=self.conditioning)
            schedule = self.model.noise_schedule
            x_0 = sample_stochastic(
                denoise, x_T, schedule, steps=self.steps, renewal=ancestral, noises=renewals
            )
        else:
            x_0 = self._sample(x_T, self.model, "none")
        # In the order that it has after a checkpoint: the order of summing may change a last bit.
        return x_0.contiguous()

    def noise_of(self, x_0: Latents, *, steps: int) -> Latents:
        """Return the noise in which the model hears about the music `x_0`: DDIM inversion."""
        denoise = partial(self.model.denoise, conditioning=self.conditioning)
        return invert(denoise, x_0, self.model.noise_schedule, steps=steps).contiguous()

    @property
    def checkpointing(self) -> Checkpointing:
        """What is recomputed in the loop."""
        return self._in_the_loop[1]

    @cached_property
    def _in_the_loop(self) -> tuple[MusicModel, Checkpointing]:
        """The model to call in the loop and what its backward pass stores, by free memory."""
        if self.fixed is not None:
            return recompute_blocks(self.model, self.fixed)
        denoise = partial(self.model.denoise, conditioning=self.conditioning)
        stored = activation_bytes(denoise, torch.zeros(self.shape, device=self.device))
        checkpointing = choose_checkpointing(
            activation_bytes_per_step=stored,
            steps=self.steps,
            free_bytes=free_bytes(self.device),
            sparing=self.sparing,
        )
        return recompute_blocks(self.model, checkpointing)

    def _sample(self, x_T: Latents, model: MusicModel, checkpointing: Checkpointing) -> Latents:
        how: Any = {
            "steps": self.steps,
            "solver": model.solver if isinstance(model, ChoosesSolver) else "ddim",
            "checkpointing": checkpointing,
        }
        if isinstance(model, CarriesGuidance):
            carrying = partial(model.denoise_carrying, conditioning=self.conditioning)
            return sample_carrying(carrying, x_T, model.noise_schedule, **how)
        denoise = partial(model.denoise, conditioning=self.conditioning)
        return sample(denoise, x_T, model.noise_schedule, **how)
