"""Samplers that replace part of the noise at every step: ancestral and ping-pong.

The step is `ode_step` with eps partly drawn anew::

    eps' = sqrt(1 - rho^2) eps + rho noise

rho = 0 is the deterministic step, rho = 1 ping-pong (consistency and distilled models; Song et al.
2023, arXiv:2303.01469, algorithm 1), and `ancestral` the rho of ancestral sampling, which is
first-order SDE-DPM-Solver++ (Lu et al. 2022, arXiv:2211.01095).

DITTO cannot steer through noise that is drawn anew: of the initial noise's say over the music,
eight ping-pong steps leave less than 0.1 %. So these samplers refuse to be optimized unless their
noises are fixed beforehand, or better, optimized together with x_T.
"""

from collections.abc import Callable, Sequence

import torch

from engine.errors import InvalidRequestError
from engine.noise_schedule import Level, NoiseSchedule
from engine.sampler.sample import Denoise
from engine.shapes import Latents, Scalar

# (now, then) -> rho: which share of the noise a step replaces.
Renewal = Callable[[Level, Level], Scalar]


def ping_pong(now: Level, then: Level) -> Scalar:
    """Replace all the noise at every step."""
    del then
    return torch.ones_like(now.alpha)


def ancestral(now: Level, then: Level) -> Scalar:
    """Replace as much noise as the reverse diffusion does between these two levels."""
    kept = (then.sigma * now.alpha) / (then.alpha * now.sigma)
    return (1 - kept.square()).clamp_min(0).sqrt()


def stochastic_step(
    x_t: Latents, x_0: Latents, now: Level, then: Level, *, rho: Scalar, noise: Latents
) -> Latents:
    """Move `x_t` to level `then`, with the share `rho` of its noise replaced by `noise`."""
    eps = (x_t - now.alpha * x_0) / now.sigma
    eps = (1 - rho.square()).sqrt() * eps + rho * noise
    return then.alpha * x_0 + then.sigma * eps


def sample_stochastic(
    denoise: Denoise,
    x_T: Latents,
    schedule: NoiseSchedule,
    *,
    steps: int,
    renewal: Renewal,
    noises: Sequence[Latents] | torch.Generator,
) -> Latents:
    """Return x_0 of a chain that renews its noise, one tensor between each two steps.

    `noises` are the `steps` - 1 tensors themselves (fixed, or optimized too) or the generator of
    the CPU to draw them from. With a generator the result must not be differentiated in x_T: raises
    InvalidRequestError.
    """
    if isinstance(noises, torch.Generator):
        if x_T.requires_grad and torch.is_grad_enabled():
            raise InvalidRequestError(
                "A sampler that draws fresh noise at every step cannot be optimized: the initial "
                "noise has next to no say in its music. Use a deterministic sampler, or fix the "
                f"{steps - 1} noises and optimize them too."
            )
        # Drawn on the CPU: a seed means the same noise on every device.
        noises = [
            torch.randn(x_T.shape, generator=noises, dtype=x_T.dtype).to(x_T.device)
            for _ in range(steps - 1)
        ]
    if len(noises) != steps - 1:
        raise InvalidRequestError(
            f"{steps} steps need {steps - 1} noises, one between each two steps: "
            f"got {len(noises)}. Give as many."
        )
    times = schedule.timesteps(steps).to(x_T)
    levels = schedule.levels(times)
    x_t = x_T
    for i, noise in enumerate(noises):
        now, then = levels[i], levels[i + 1]
        x_0 = denoise(x_t, times[i].expand(x_t.shape[0]))
        x_t = stochastic_step(x_t, x_0, now, then, rho=renewal(now, then), noise=noise)
    return denoise(x_t, times[steps - 1].expand(x_t.shape[0]))
