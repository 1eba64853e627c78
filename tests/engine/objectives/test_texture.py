"""Texture, stated as facts about what a melody must leave alone."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from engine.listening import Heard
from engine.objectives.texture import texture_objective

HeardWith = Callable[..., Heard]
FRAMES = 512


@pytest.fixture
def music(heard_with: HeardWith) -> Callable[[Tensor], Heard]:
    """Return music with a log-mel of its own, on 512 frames."""

    def make(log_mel: Tensor) -> Heard:
        return heard_with(log_mel=log_mel, power=torch.zeros(1, 3, FRAMES))

    return make


def noisy(seed: int = 0) -> Tensor:
    return -40 + 10 * torch.randn(1, 128, FRAMES, generator=torch.Generator().manual_seed(seed))


def asked(start: int = 0, end: int = FRAMES) -> Tensor:
    mask = torch.zeros(1, FRAMES)
    mask[:, start:end] = 1
    return mask


def loss(without: Heard, made: Heard, mask: Tensor) -> float:
    return float(texture_objective(without, mask, weight=1.0).loss(made))


def test_the_same_music_costs_nothing(music: Callable[[Tensor], Heard]) -> None:
    assert loss(music(noisy()), music(noisy()), asked()) == 0


@pytest.mark.parametrize("change", [2.9, -2.9])
def test_three_decibels_are_allowed(music: Callable[[Tensor], Heard], change: float) -> None:
    assert loss(music(noisy()), music(noisy() + change), asked()) == 0


@pytest.mark.parametrize("change", [10.0, -10.0])
def test_what_goes_beyond_is_squared(music: Callable[[Tensor], Heard], change: float) -> None:
    assert loss(music(noisy()), music(noisy() + change), asked()) == pytest.approx(49, rel=1e-4)


def test_notes_may_move_inside_a_band(music: Callable[[Tensor], Heard]) -> None:
    low, high = (torch.full((1, 128, FRAMES), -40.0) for _ in range(2))
    low[:, 41], high[:, 46] = 0.0, 0.0
    assert loss(music(low), music(high), asked()) == 0


def test_silence_around_a_note_costs(music: Callable[[Tensor], Heard]) -> None:
    solo = torch.full((1, 128, FRAMES), -80.0)
    solo[:, 40:48] = noisy()[:, 40:48]
    assert loss(music(noisy()), music(solo), asked()) > 500


def test_where_no_melody_is_asked_anything_may_change(music: Callable[[Tensor], Heard]) -> None:
    changed = noisy()
    changed[..., FRAMES // 2 :] = -80
    without = music(noisy())
    assert loss(without, music(changed), asked(end=FRAMES // 2)) == 0
    assert loss(without, music(changed), asked(start=FRAMES // 2)) > 100
