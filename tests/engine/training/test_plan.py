"""A plan says what it will do, and takes the size that this machine can train."""

import pytest

from engine.models.denoiser import Denoiser
from engine.training import throughput
from engine.training.course import Course
from engine.training.examples import Examples
from engine.training.hardware import Hardware
from engine.training.loop import CPU
from engine.training.plan import PLANS, Plan, Size
from engine.training.throughput import choose_size

SIZES = (Size(64, 3), Size(32, 2), Size(16, 1))
RATES = {64: 100.0, 32: 400.0, 16: 900.0}


def network(size: Size) -> Denoiser:
    return Denoiser(latent_channels=4, width=size.width, depth=size.depth, heads=1, tag_width=8)


def measured(model: Denoiser, course: Course, hardware: Hardware) -> float:
    return RATES[model.config.width]


@pytest.mark.parametrize(("least", "width"), [(50, 64), (300, 32), (5000, 16)])
def test_the_largest_size_that_is_fast_enough_is_taken_and_the_smallest_in_any_case(
    least: float, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throughput, "samples_per_second", measured)
    plan = Plan(sizes=SIZES, least_samples_per_second=least)
    course = Course(Examples.__new__(Examples))
    assert choose_size(plan, network, course, CPU).width == width


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_says_how_much_of_everything(name: str) -> None:
    plan = PLANS[name]
    said = "\n".join(plan.lines())
    for number in (plan.clips, plan.long_clips, plan.batch, plan.denoiser.minutes):
        assert f"{number:g}" in said or str(number) in said
