"""Texture, stated as facts about what a melody or a form must leave alone."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from engine.listening import Heard
from engine.objectives.texture import TextureObjective, stretches_of, texture

HeardWith = Callable[..., Heard]
FRAMES = 512


@pytest.fixture
def loss(heard_with: HeardWith) -> Callable[..., float]:
    """Return what it costs to make one log-mel where another is wanted."""

    def of(
        wanted: Tensor,
        made: Tensor,
        asked: Tensor | None = None,
        *,
        stretches: int = 1,
        relative: bool = False,
    ) -> float:
        asked = torch.ones(FRAMES, dtype=torch.bool) if asked is None else asked
        target = texture(wanted, asked, stretches, relative=relative)
        objective = TextureObjective(target=target, asked=asked, weight=1.0, relative=relative)
        return float(objective.loss(heard_with(log_mel=made)))

    return of


def noisy(seed: int = 0) -> Tensor:
    return -40 + 10 * torch.randn(1, 128, FRAMES, generator=torch.Generator().manual_seed(seed))


def first_half() -> Tensor:
    return torch.arange(FRAMES) < FRAMES // 2


def test_the_same_music_costs_nothing(loss: Callable[..., float]) -> None:
    assert loss(noisy(), noisy()) == 0


@pytest.mark.parametrize("change", [0.9, -0.9])
def test_a_decibel_is_allowed(loss: Callable[..., float], change: float) -> None:
    assert loss(noisy(), noisy() + change) == 0


@pytest.mark.parametrize("change", [11.0, -11.0])
def test_what_goes_beyond_is_squared(loss: Callable[..., float], change: float) -> None:
    # Of the three numbers per band only the mean has moved.
    assert loss(noisy(), noisy() + change) == pytest.approx(100 / 3, rel=1e-4)


@pytest.mark.parametrize("change", [11.0, -11.0])
def test_the_level_of_all_may_move_where_it_is_asked_for(
    loss: Callable[..., float], change: float
) -> None:
    swelling = noisy() + change * torch.linspace(0, 1, FRAMES)
    assert loss(noisy(), swelling, relative=True) < 1e-6


def test_notes_may_move_inside_a_band(loss: Callable[..., float]) -> None:
    low, high = (torch.full((1, 128, FRAMES), -40.0) for _ in range(2))
    low[:, 41], high[:, 46] = 0.0, 0.0
    assert loss(low, high) == 0


def test_events_may_move_in_time(loss: Callable[..., float]) -> None:
    assert loss(noisy(), noisy().flip(-1)) < 1e-6


def test_one_note_far_louder_than_all_else_costs(loss: Callable[..., float]) -> None:
    shouting = noisy()
    shouting[:, 40, 300:340] += 40
    assert loss(noisy(), shouting) > 10 * loss(noisy(), shouting, relative=True)


def test_silence_around_a_note_costs(loss: Callable[..., float]) -> None:
    solo = torch.full((1, 128, FRAMES), -80.0)
    solo[:, 40:48] = noisy()[:, 40:48]
    assert loss(noisy(), solo) > 300


def test_drums_that_become_a_drone_cost(loss: Callable[..., float]) -> None:
    beats = torch.full((1, 128, FRAMES), -60.0)
    beats[..., ::16] = -10.0
    assert loss(beats, beats.mean(dim=-1, keepdim=True).expand_as(beats)) > 10


def test_parts_may_trade_places_unless_every_stretch_is_kept(loss: Callable[..., float]) -> None:
    parts = torch.where(first_half(), -20.0, -60.0).expand(1, 128, FRAMES).clone()
    assert loss(parts, parts.flip(-1)) < 1e-6
    assert loss(parts, parts.flip(-1), stretches=4) > 100


def test_faster_changes_of_the_same_size_cost(loss: Callable[..., float]) -> None:
    slow, fast = (
        -30 + 20 * torch.sin(2 * torch.pi * torch.arange(FRAMES) * cycles / FRAMES)
        for cycles in (4, 64)
    )
    assert loss(slow.expand(1, 128, FRAMES), fast.expand(1, 128, FRAMES)) > 10


def test_a_second_and_a_half_is_one_stretch() -> None:
    asked = torch.ones(FRAMES, dtype=torch.bool)
    assert stretches_of(asked, frame_seconds=6 / FRAMES) == 4
    assert stretches_of(~asked, frame_seconds=6 / FRAMES) == 1


def test_where_nothing_is_asked_anything_may_change(loss: Callable[..., float]) -> None:
    changed = noisy()
    changed[..., FRAMES // 2 :] = -80
    assert loss(noisy(), changed, asked=first_half()) == 0
    assert loss(noisy(), changed, asked=~first_half()) > 100
