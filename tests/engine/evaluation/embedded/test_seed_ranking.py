"""Losses of clips whose level is known, and how alike two orders are."""

import pytest
import torch

from engine.evaluation.embedded.seed_ranking import (
    RAMP_DB,
    Losses,
    agreement,
    overlap_loss,
    ramp_loss,
)


def test_a_ramp_loses_nothing_and_loudness_is_free() -> None:
    # The smoothing flattens the very ends.
    ramp = torch.linspace(-30, -30 + RAMP_DB, 512).expand(1, 128, 512)
    assert ramp_loss(ramp) < 0.1
    assert torch.allclose(ramp_loss(ramp + 7), ramp_loss(ramp), atol=1e-3)


def test_a_steady_level_loses_the_ramps_variance() -> None:
    steady = torch.full((1, 128, 512), -20.0)
    assert float(ramp_loss(steady)) == pytest.approx(RAMP_DB**2 / 12, rel=0.02)


def test_only_the_first_half_overlaps() -> None:
    target = torch.zeros(160, 512)
    clip = torch.zeros(1, 160, 512)
    clip[..., 256:] = 9.0
    assert overlap_loss(clip, target) == 0
    assert overlap_loss(clip + 2, target) == pytest.approx(4)


def test_the_same_order_agrees_and_the_opposite_does_not() -> None:
    values = torch.rand(4, 16, generator=torch.Generator().manual_seed(0))
    one, other = Losses(values, values), Losses(values.exp(), -values)
    assert agreement(one, other) == pytest.approx({"intensity": 1.0, "overlap": -1.0})
