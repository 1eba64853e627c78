"""What the denoiser learns: the velocity on the cosine path, at times that matter.

x_t = cos(pi t / 2) x_0 + sin(pi t / 2) eps and v = cos(pi t / 2) eps - sin(pi t / 2) x_0
(Salimans and Ho 2022).
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.denoiser import Denoiser
from engine.training.draws import normal, uniform
from engine.training.examples import Examples, Given
from engine.training.hardware import Hardware
from engine.training.saved_state import Run


def loss_of_run(run: Run[Denoiser], latents: Tensor, given: Given, draw: torch.Generator) -> Tensor:
    """Return what a run has to lower: the loss of its present weights."""
    return velocity_loss(run.model, latents, given, draw)


def velocity_loss(model: Denoiser, latents: Tensor, given: Given, draw: torch.Generator) -> Tensor:
    """Return the mean squared error of the velocity at random times.

    Four tenths of the times are uniform, the rest crowd where the music takes shape (logit-normal).
    """
    size = len(latents)
    crowded = torch.sigmoid(0.4 + 1.1 * normal(draw, size))
    t = torch.where(uniform(draw, size) < 0.4, uniform(draw, size), crowded)
    angle = (t * torch.pi / 2)[:, None, None]
    noise = normal(draw, *latents.shape)
    x_t = angle.cos() * latents + angle.sin() * noise
    velocity = angle.cos() * noise - angle.sin() * latents
    return F.mse_loss(model(x_t, t, given).float(), velocity)


def validation(
    held_out: Mapping[str, Examples], hardware: Hardware
) -> Callable[[Denoiser], dict[str, float]]:
    """Return a function: a network -> its loss on each of `held_out`, the same draws every time."""

    @torch.no_grad()
    def validate(model: Denoiser) -> dict[str, float]:
        with hardware.autocast():
            return {name: _loss_on(model, part, hardware) for name, part in held_out.items()}

    return validate


def _loss_on(model: Denoiser, examples: Examples, hardware: Hardware) -> float:
    losses: list[Tensor] = []
    for seed in range(4):
        draw = hardware.draw(10_000 + seed)
        latents, given = examples.batch(draw, 50)
        losses.append(velocity_loss(model, latents, given, draw))
    return float(torch.stack(losses).mean())
