"""One deterministic step towards the music: DDIM, rectified-flow Euler and DPM-Solver++(2M).

All three are the same step on the line between two noise levels; they differ only in which clean
estimate x_0 they aim at. With x_t = alpha_t x_0 + sigma_t eps::

    eps = (x_t - alpha_t x_0) / sigma_t
    x_s = alpha_s x_0 + sigma_s eps

On the cosine path this is DDIM with eta = 0 (Song et al. 2021, arXiv:2010.02502, eq. 12), on the
linear path an Euler step along the velocity eps - x_0. DPM-Solver++(2M) (Lu et al. 2022,
arXiv:2211.01095, algorithm 2) aims at x_0 extrapolated from the last two estimates: its update
sigma_s / sigma_t x_t - alpha_s (exp(-h) - 1) D is the step above with D in place of x_0.
"""

from engine.noise_schedule import Level
from engine.shapes import Latents


def ode_step(x_t: Latents, x_0: Latents, now: Level, then: Level) -> Latents:
    """Move `x_t` from level `now` to the less noisy level `then`, aiming at `x_0`."""
    eps = (x_t - now.alpha * x_0) / now.sigma
    return then.alpha * x_0 + then.sigma * eps


def extrapolate(
    x_0: Latents, x_0_before: Latents, *, before: Level, now: Level, then: Level
) -> Latents:
    """Return D of DPM-Solver++(2M): the clean estimate in the middle of the coming step.

    `x_0_before` was estimated at level `before`. `then` must hold noise: at sigma = 0 the step is
    infinitely long in log(alpha / sigma) and there is no middle, so the last step aims at x_0.
    """
    coming = then.half_log_snr - now.half_log_snr
    # Infinite where `before` is pure noise; the correction then vanishes by itself.
    last = now.half_log_snr - before.half_log_snr
    return x_0 + coming / (2 * last) * (x_0 - x_0_before)
