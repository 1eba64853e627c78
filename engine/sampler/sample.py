"""The chain from noise to music: x_T -> x_0, deterministic and differentiable in x_T.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, algorithm 1, inner loop.
"""

from collections.abc import Callable
from functools import partial
from typing import Literal

from torch.utils.checkpoint import checkpoint

from engine.errors import InvalidRequestError
from engine.noise_schedule import Level, NoiseSchedule
from engine.sampler.checkpointing import Checkpointing
from engine.sampler.ode import extrapolate, ode_step
from engine.shapes import Latents, PerItem, Scalar

# (x_t, t) -> x_0: a model with its conditioning already bound.
Denoise = Callable[[Latents, PerItem], Latents]
# (x_t, t, carried) -> x_0, carried: one that is handed from step to step what it remembers.
DenoiseCarrying = Callable[[Latents, PerItem, Latents | None], tuple[Latents, Latents | None]]
Solver = Literal["ddim", "dpmpp_2m"]


def sample(
    denoise: Denoise,
    x_T: Latents,
    schedule: NoiseSchedule,
    *,
    steps: int,
    solver: Solver = "ddim",
    checkpointing: Checkpointing = "none",
) -> Latents:
    """Return the music x_0 that the model hears in the noise `x_T`.

    One call of `denoise` per step. "dpmpp_2m" is second order: as accurate in 12 steps as "ddim"
    in about 64; the few-step models are made for "ddim". `checkpointing` "step" keeps only the
    latents between the steps for the backward pass and runs each step again there; "block" is the
    model's own affair (`recompute_blocks`) and changes nothing here.
    """
    return sample_carrying(
        partial(_forgetting, denoise),
        x_T,
        schedule,
        steps=steps,
        solver=solver,
        checkpointing=checkpointing,
    )


def sample_carrying(
    denoise: DenoiseCarrying,
    x_T: Latents,
    schedule: NoiseSchedule,
    *,
    steps: int,
    solver: Solver = "ddim",
    checkpointing: Checkpointing = "none",
) -> Latents:
    """Return the music x_0 as `sample` does, of a model that remembers the steps before.

    What it remembers goes through here, so that a recomputed step is given what it was given.
    """
    if steps < 1:
        raise InvalidRequestError(f"Sampling needs at least 1 step: got {steps}. Use 4 to 50.")
    times = schedule.timesteps(steps).to(x_T)
    levels = schedule.levels(times)
    x_t, x_0 = x_T, x_T
    carried: Latents | None = None
    for i in range(steps):
        # The first step has no estimate to extrapolate from, the last no middle to aim at.
        second_order = solver == "dpmpp_2m" and 0 < i < steps - 1
        before = (x_0, levels[i - 1]) if second_order else (None, None)
        # Everything is handed over as an argument: a closure over `i` would be recomputed with
        # the last step's values in the backward pass.
        arguments = (denoise, x_t, times[i], levels[i], levels[i + 1], carried, *before)
        if checkpointing == "step":
            # No step draws random numbers, so there is no generator to rewind.
            x_t, x_0, carried = checkpoint(
                _step, *arguments, use_reentrant=False, preserve_rng_state=False
            )
        else:
            x_t, x_0, carried = _step(*arguments)
    return x_t


def _step(
    denoise: DenoiseCarrying,
    x_t: Latents,
    t: Scalar,
    now: Level,
    then: Level,
    carried: Latents | None,
    x_0_before: Latents | None,
    before: Level | None,
) -> tuple[Latents, Latents, Latents | None]:
    """Return x_s, the clean estimate x_0 and what is carried on.

    First order without an estimate `before`.
    """
    x_0, carried = denoise(x_t, t.expand(x_t.shape[0]), carried)
    if x_0_before is None or before is None:
        return ode_step(x_t, x_0, now, then), x_0, carried
    aim = extrapolate(x_0, x_0_before, before=before, now=now, then=then)
    return ode_step(x_t, aim, now, then), x_0, carried


def _forgetting(
    denoise: Denoise, x_t: Latents, t: PerItem, carried: Latents | None
) -> tuple[Latents, Latents | None]:
    return denoise(x_t, t), carried
