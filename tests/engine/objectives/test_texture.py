"""Texture, stated as facts about what a melody or a form must leave alone."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from engine.listening import Heard
from engine.objectives.texture import texture_objective

HeardWith = Callable[..., Heard]
FRAMES = 512


@pytest.fixture
def loss(heard_with: HeardWith) -> Callable[..., float]:
    """Return what it costs to make one log-mel where without a control another would be."""

    def of(
        without: Tensor, made: Tensor, asked: Tensor | None = None, stretch: float | None = None
    ) -> float:
        asked = torch.ones(FRAMES, dtype=torch.bool) if asked is None else asked
        before, after = heard_with(log_mel=without), heard_with(log_mel=made)
        objective = texture_objective(before, asked, stretch_seconds=stretch, weight=1.0)
        return float(objective.loss(after))

    return of


def noisy(seed: int = 0) -> Tensor:
    return -40 + 10 * torch.randn(1, 128, FRAMES, generator=torch.Generator().manual_seed(seed))


def first_half() -> Tensor:
    return torch.arange(FRAMES) < FRAMES // 2


def test_the_same_music_costs_nothing(loss: Callable[..., float]) -> None:
    assert loss(noisy(), noisy()) == 0


@pytest.mark.parametrize("change", [2.9, -2.9])
def test_three_decibels_are_allowed(loss: Callable[..., float], change: float) -> None:
    assert loss(noisy(), noisy() + change) == 0


@pytest.mark.parametrize("change", [10.0, -10.0])
def test_what_goes_beyond_is_squared(loss: Callable[..., float], change: float) -> None:
    # Of the two numbers per band only the mean has moved.
    assert loss(noisy(), noisy() + change) == pytest.approx(49 / 2, rel=1e-4)


def test_notes_may_move_inside_a_band(loss: Callable[..., float]) -> None:
    low, high = (torch.full((1, 128, FRAMES), -40.0) for _ in range(2))
    low[:, 41], high[:, 46] = 0.0, 0.0
    assert loss(low, high) == 0


def test_events_may_move_in_time(loss: Callable[..., float]) -> None:
    assert loss(noisy(), noisy().flip(-1)) < 1e-6


def test_silence_around_a_note_costs(loss: Callable[..., float]) -> None:
    solo = torch.full((1, 128, FRAMES), -80.0)
    solo[:, 40:48] = noisy()[:, 40:48]
    assert loss(noisy(), solo) > 500


def test_drums_that_become_a_drone_cost(loss: Callable[..., float]) -> None:
    beats = torch.full((1, 128, FRAMES), -60.0)
    beats[..., ::16] = -10.0
    assert loss(beats, beats.mean(dim=-1, keepdim=True).expand_as(beats)) > 10


def test_parts_may_trade_places_unless_every_stretch_is_kept(loss: Callable[..., float]) -> None:
    parts = torch.where(first_half(), -20.0, -60.0).expand(1, 128, FRAMES).clone()
    assert loss(parts, parts.flip(-1)) < 1e-6
    assert loss(parts, parts.flip(-1), stretch=1.5) > 100


def test_where_nothing_is_asked_anything_may_change(loss: Callable[..., float]) -> None:
    changed = noisy()
    changed[..., FRAMES // 2 :] = -80
    assert loss(noisy(), changed, asked=first_half()) == 0
    assert loss(noisy(), changed, asked=~first_half()) > 100
