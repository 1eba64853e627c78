"""Intensity as an objective: decibels where they are asked, or only their rise and fall."""

import pytest
import torch
from torch import Tensor

from engine.features.intensity import intensity
from engine.listening import Listening
from engine.models.toy import ToyModel
from engine.objectives.intensity import (
    IntensityObjective,
    ShapeObjective,
    correlation,
    stretches,
)
from engine.objectives.objective import Objective

from .conftest import HeardWith, Improvement

FRAMES = 256
EVERYWHERE = torch.ones(1, FRAMES)


def wavy() -> Tensor:
    return -20 + 6 * torch.sin(torch.linspace(0, 9, FRAMES))[None]


def level(target: Tensor, mask: Tensor = EVERYWHERE) -> IntensityObjective:
    return IntensityObjective(target=target, mask=mask, weight=1.0)


def shape(target: Tensor, mask: Tensor = EVERYWHERE) -> ShapeObjective:
    return ShapeObjective(target=target, mask=mask, weight=1.0)


def between(start: int, end: int) -> Tensor:
    mask = torch.zeros(1, FRAMES)
    mask[:, start:end] = 1
    return mask


def test_both_are_objectives() -> None:
    assert isinstance(level(wavy()), Objective)
    assert isinstance(shape(wavy()), Objective)


def test_the_curve_itself_costs_nothing(heard_with: HeardWith) -> None:
    assert level(wavy()).loss(heard_with(levels=wavy())) == 0


def test_three_decibels_off_everywhere_cost_nine(heard_with: HeardWith) -> None:
    heard = heard_with(levels=wavy() + 3)
    assert float(level(wavy()).loss(heard)) == pytest.approx(9, rel=1e-4)


def test_a_hard_step_is_reached_by_music_that_has_it(heard_with: HeardWith) -> None:
    step = torch.where(torch.arange(FRAMES) < 100, -30.0, -12.0)[None]
    assert level(step).loss(heard_with(levels=step)) == 0


def test_over_the_whole_window_it_is_the_difference_of_the_measured_curves(
    heard_with: HeardWith,
) -> None:
    heard = heard_with(levels=wavy().flip(1))
    wanted = intensity(wavy(), frame_seconds=heard.frame_seconds)
    expected = (heard.intensity - wanted).square().mean()
    assert float(level(wavy()).loss(heard)) == pytest.approx(float(expected), rel=1e-4)


@pytest.mark.parametrize("objective", [level, shape])
def test_what_is_not_asked_changes_nothing_and_gets_no_gradient(
    objective: type[Objective], heard_with: HeardWith
) -> None:
    mask = between(60, 200)
    asked = objective(wavy(), mask)  # type: ignore[call-arg]
    made = wavy().flip(1).requires_grad_()
    loss = asked.loss(heard_with(levels=made))
    (gradient,) = torch.autograd.grad(loss, made)
    assert torch.equal(gradient != 0, mask > 0)
    elsewhere = torch.where(mask > 0, made.detach(), 5.0)
    assert asked.loss(heard_with(levels=elsewhere)) == loss


def test_nothing_asked_costs_nothing(heard_with: HeardWith) -> None:
    made = wavy().requires_grad_()
    loss = level(wavy(), between(0, 0)).loss(heard_with(levels=made))
    assert loss == 0
    assert torch.autograd.grad(loss, made)[0].abs().max() == 0


def test_two_stretches_count_frame_by_frame(heard_with: HeardWith) -> None:
    mask = between(0, 30) + between(100, 130)
    off = 2 * between(0, 30) + 4 * between(100, 130)
    loss = level(wavy(), mask).loss(heard_with(levels=wavy() + off))
    assert loss.item() == pytest.approx((4 + 16) / 2, rel=1e-4)


@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (0.5, -10.0), (3.0, 7.0)])
def test_the_shape_is_the_same_at_any_depth_and_level(
    gain: float, offset: float, heard_with: HeardWith
) -> None:
    loss = shape(wavy()).loss(heard_with(levels=gain * wavy() + offset))
    assert loss.item() == pytest.approx(0, abs=1e-4)


def test_the_mirrored_shape_costs_two(heard_with: HeardWith) -> None:
    assert float(shape(wavy()).loss(heard_with(levels=-wavy()))) == pytest.approx(2, abs=1e-4)


def test_a_constant_level_has_no_shape_and_learns_to_bend(heard_with: HeardWith) -> None:
    made = torch.full((1, FRAMES), -20.0, requires_grad=True)
    loss = shape(wavy()).loss(heard_with(levels=made))
    (gradient,) = torch.autograd.grad(loss, made)
    assert float(loss.detach()) == pytest.approx(1)
    assert gradient.isfinite().all()
    assert float(correlation(-gradient, wavy())) > 0.8


def test_correlation_is_that_of_torch() -> None:
    one, other = torch.randn(2, FRAMES, generator=torch.Generator().manual_seed(0))
    expected = torch.corrcoef(torch.stack([one, other]))[0, 1]
    assert float(correlation(one[None], other[None])) == pytest.approx(float(expected), abs=1e-4)


def test_stretches_are_the_runs_of_what_is_asked() -> None:
    assert stretches(torch.tensor([1, 1, 0, 0, 1, 0, 1]) > 0) == [(0, 2), (4, 5), (6, 7)]
    assert stretches(torch.zeros(3) > 0) == []


@pytest.mark.parametrize(("objective", "most"), [(level, 0.6), (shape, 0.6)])
def test_fifteen_iterations_make_the_toy_swell(
    objective: type[Objective], most: float, improvement: Improvement
) -> None:
    listening = Listening(ToyModel())
    frames = listening.hear(torch.zeros(1, 32, 64)).frames
    ramp = torch.linspace(-24, -14, frames)[None]
    assert improvement(objective(ramp, torch.ones(1, frames))) < most  # type: ignore[call-arg]
