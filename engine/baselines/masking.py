"""Naive masking: while sampling, overwrite what is known with its noised self.

    x_s  <-  m (alpha_s x_ref + sigma_s eps) + (1 - m) x_s        after every step to level s

The known part is exact by construction; nothing makes the rest belong to it, which is what one
hears at the seam. DITTO (arXiv:2401.12179), section 4.1, "naive masking".
"""

from torch import Tensor

from engine.noise_schedule import NoiseSchedule
from engine.sampler.ode import ode_step
from engine.sampler.sample import Denoise
from engine.shapes import Latents


def sample_masked(
    denoise: Denoise,
    x_T: Latents,
    schedule: NoiseSchedule,
    *,
    steps: int,
    known: Latents,
    keep_mask: Tensor,
) -> Latents:
    """Return x_0 whose latent frames equal `known` where `keep_mask` (frames) is 1.

    `x_T` is also the noise that the known part is given at every level.
    """
    times = schedule.timesteps(steps).to(x_T)
    levels = schedule.levels(times)
    x_t = x_T
    for i in range(steps):
        x_0 = denoise(x_t, times[i].expand(x_t.shape[0]))
        x_s = ode_step(x_t, x_0, levels[i], levels[i + 1])
        noised = levels[i + 1].alpha * known + levels[i + 1].sigma * x_T
        x_t = keep_mask * noised + (1 - keep_mask) * x_s
    return x_t
