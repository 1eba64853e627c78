"""Inversion: from music back to the noise in which the model hears it, x_0 -> x_T.

The chain of `sample` run backwards. Each step from level s to the noisier level t needs the
model's clean estimate at t, which is not known yet; the estimate at s stands in for it:

    x_t = alpha_t x_0(x_s) + sigma_t eps,   eps = (x_s - alpha_s x_0(x_s)) / sigma_s

Music itself is at sigma = 0, where there is no noise to tell: the first step begins at a level just
above it, as if the music lay there. Solving each step for the estimate at t by fixed-point
iteration was tried and left out: on the embedded model it diverges.

Source: Song et al. 2021, arXiv:2010.02502, section 4.3.
"""

import torch

from engine.errors import InvalidRequestError
from engine.noise_schedule import NoiseSchedule
from engine.sampler.ode import ode_step
from engine.sampler.sample import Denoise
from engine.shapes import Latents

LEAST_TIME = 0.02
"""The time taken for the music's own: 3 % of noise on the cosine path."""


@torch.no_grad()
def invert(denoise: Denoise, x_0: Latents, schedule: NoiseSchedule, *, steps: int) -> Latents:
    """Return the noise x_T that `sample` turns into about `x_0`; `steps` calls of `denoise`."""
    if steps < 1:
        raise InvalidRequestError(f"Inversion needs at least 1 step: got {steps}. Use 4 to 50.")
    times = schedule.timesteps(steps).to(x_0).flip(0)
    times[0] = min(LEAST_TIME, float(times[1]) / 2)
    levels = schedule.levels(times)
    x_s = x_0
    for i in range(steps):
        now, then = levels[i], levels[i + 1]
        x_s = ode_step(x_s, denoise(x_s, times[i].expand(len(x_s))), now, then)
    return x_s
