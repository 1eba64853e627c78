"""What the denoiser learns: the velocity on the cosine path, at times that matter.

x_t = cos(pi t / 2) x_0 + sin(pi t / 2) eps and v = cos(pi t / 2) eps - sin(pi t / 2) x_0
(Salimans and Ho 2022).
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.denoiser import Denoiser
from engine.training.examples import Examples, Given
from engine.training.saved_state import Run


def loss_of_run(run: Run, latents: Tensor, given: Given, generator: torch.Generator) -> Tensor:
    """Return what a run has to lower: the loss of its present weights."""
    return velocity_loss(run.model, latents, given, generator)


def velocity_loss(
    model: Denoiser, latents: Tensor, given: Given, generator: torch.Generator
) -> Tensor:
    """Return the mean squared error of the velocity at random times.

    Four tenths of the times are uniform, the rest crowd where the music takes shape (logit-normal).
    """
    size = len(latents)
    uniform = torch.rand(size, generator=generator)
    crowded = torch.sigmoid(0.4 + 1.1 * torch.randn(size, generator=generator))
    t = torch.where(torch.rand(size, generator=generator) < 0.4, uniform, crowded)
    angle = (t * torch.pi / 2)[:, None, None]
    noise = torch.randn(latents.shape, generator=generator)
    x_t = angle.cos() * latents + angle.sin() * noise
    velocity = angle.cos() * noise - angle.sin() * latents
    return F.mse_loss(model(x_t, t, given), velocity)


def validation(held_out: Mapping[str, Examples]) -> Callable[[Denoiser], dict[str, float]]:
    """Return a function: a network -> its loss on each of `held_out`, the same draws every time."""

    @torch.no_grad()
    def validate(model: Denoiser) -> dict[str, float]:
        return {name: _loss_on(model, examples) for name, examples in held_out.items()}

    return validate


def _loss_on(model: Denoiser, examples: Examples) -> float:
    losses: list[Tensor] = []
    for seed in range(4):
        generator = torch.Generator().manual_seed(10_000 + seed)
        latents, given = examples.batch(generator, 50)
        losses.append(velocity_loss(model, latents, given, generator))
    return float(torch.stack(losses).mean())
