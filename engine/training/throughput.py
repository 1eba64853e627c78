"""How fast a network of a size trains here, and which size that allows."""

import time
from collections.abc import Callable

from engine.models.denoiser import Denoiser
from engine.training.course import Course
from engine.training.denoiser import velocity_loss
from engine.training.hardware import Hardware
from engine.training.loop import Budget, begin, descend
from engine.training.plan import Plan, Size

WARM_UP, TIMED = 5, 20
"""Steps: those that compile and fill caches, and those that count."""


def choose_size(
    plan: Plan, make: Callable[[Size], Denoiser], course: Course, hardware: Hardware
) -> Size:
    """Return the first of the plan's sizes that trains at the plan's rate; the last in any case."""
    for size in plan.sizes[:-1]:
        rate = samples_per_second(make(size), course, hardware)
        enough = rate >= plan.least_samples_per_second
        print(
            f"denoiser: {size.width} wide, {size.depth} deep trains {rate:.0f} samples/s, "
            f"{'enough' if enough else 'too slow'} (gate {plan.least_samples_per_second:g})",
            flush=True,
        )
        if enough:
            return size
    return plan.sizes[-1]


def samples_per_second(model: Denoiser, course: Course, hardware: Hardware) -> float:
    """Return how many short clips a second `model` learns from, whose weights are then spent."""
    budget = Budget(steps=WARM_UP + TIMED)
    run = begin(model.to(hardware.device), budget)
    hardware.compile(model)
    started = 0.0
    for step in range(WARM_UP + TIMED):
        if step == WARM_UP:
            hardware.wait()
            started = time.monotonic()
        draw = hardware.draw(step)
        latents, given = course.batch_at(0, 0.0, draw)
        with hardware.autocast():
            loss = velocity_loss(run.model, latents, given, draw)
        descend(run, loss, budget)
    hardware.wait()
    return TIMED * course.batch / (time.monotonic() - started)
