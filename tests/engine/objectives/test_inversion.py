"""Inversion: the clip itself costs nothing, all else does."""

import pytest
import torch

from engine.listening import Listening
from engine.models.toy import ToyModel
from engine.objectives.inversion import ClipObjective
from engine.objectives.objective import Objective

from .conftest import HeardWith, Improvement

TOY = ToyModel()


def clip(frames: int = 64) -> ClipObjective:
    x_0 = torch.randn(1, 32, frames, generator=torch.Generator().manual_seed(0))
    heard = Listening(TOY).hear_recording(TOY.decode(x_0)[0], sample_rate=TOY.sample_rate)
    return ClipObjective(target=heard.features, mask=torch.ones(1, frames), weight=1.0)


def test_it_is_an_objective() -> None:
    assert isinstance(clip(), Objective)


def test_the_clip_itself_costs_nothing() -> None:
    x_0 = torch.randn(1, 32, 64, generator=torch.Generator().manual_seed(0))
    assert float(clip().loss(Listening(TOY).hear(x_0))) < 1e-4


def test_three_decibels_off_cost_nine(heard_with: HeardWith) -> None:
    objective = clip()
    loss = objective.loss(heard_with(features=objective.target - 3))
    assert loss.item() == pytest.approx(9, rel=1e-4)


def test_what_comes_after_the_clip_does_not_count(heard_with: HeardWith) -> None:
    mask = torch.tensor([[1.0] * 5 + [0.0] * 3])
    objective = ClipObjective(target=torch.zeros(1, 4, 8), mask=mask, weight=1.0)
    made = torch.ones(1, 4, 8).requires_grad_()
    loss = objective.loss(heard_with(features=made))
    assert loss.item() == pytest.approx(1)
    assert torch.equal(torch.autograd.grad(loss, made)[0][:, 0] > 0, mask > 0)


def test_fifteen_iterations_bring_the_toy_nearer_to_the_clip(improvement: Improvement) -> None:
    assert improvement(clip()) < 0.8
