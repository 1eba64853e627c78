"""Repetition: what comes round again costs nothing."""

import pytest
import torch
from torch import Tensor

from engine.errors import InvalidRequestError
from engine.objectives.objective import Objective
from engine.objectives.repetition import RepetitionObjective

from .conftest import HeardWith, Improvement


def asked(period: int, overlap: int) -> RepetitionObjective:
    return RepetitionObjective(period=period, overlap=overlap, weight=1.0)


def bar(frames: int = 10) -> Tensor:
    return torch.randn(1, 32, frames, generator=torch.Generator().manual_seed(0))


def test_it_is_an_objective() -> None:
    assert isinstance(asked(10, 4), Objective)


def test_periodic_music_costs_nothing(heard_with: HeardWith) -> None:
    heard = heard_with(features=bar().repeat(1, 1, 3))
    assert asked(10, 4).loss(heard) == 0
    assert asked(20, 10).loss(heard) == 0
    assert asked(9, 4).loss(heard) > 0.5


def test_a_second_round_three_decibels_louder_costs_nine(heard_with: HeardWith) -> None:
    heard = heard_with(features=torch.cat([bar(), bar() + 3], dim=-1))
    assert float(asked(10, 5).loss(heard)) == pytest.approx(9, rel=1e-5)


def test_both_rounds_move_towards_each_other_and_nothing_else_does(heard_with: HeardWith) -> None:
    made = torch.randn(1, 32, 20, generator=torch.Generator().manual_seed(1)).requires_grad_()
    (gradient,) = torch.autograd.grad(asked(12, 4).loss(heard_with(features=made)), made)
    assert gradient[..., :4].equal(-gradient[..., 12:16])
    assert gradient[..., 4:12].abs().max() == gradient[..., 16:].abs().max() == 0
    assert gradient[..., :4].abs().min() > 0


def test_a_period_that_leaves_no_room_to_close_is_refused(heard_with: HeardWith) -> None:
    with pytest.raises(InvalidRequestError, match=r"needs 4 more to close, which is 22; .* 20 at"):
        asked(18, 4).loss(heard_with(features=torch.zeros(1, 32, 20)))


def test_fifteen_iterations_close_the_loop_of_the_toy(improvement: Improvement) -> None:
    assert improvement(asked(40, 10)) < 0.6
