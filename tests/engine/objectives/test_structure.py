"""Structure as an objective: equal parts sound alike, others differ."""

import pytest
import torch
from torch import Tensor

from engine.features.self_similarity import self_similarity, timbre
from engine.listening import Listening
from engine.models.toy import ToyModel
from engine.objectives.objective import Objective
from engine.objectives.structure import StructureObjective, moments

from .conftest import HeardWith, Improvement

PART = 60
A, B, C = (torch.randn(1, 128, 1, generator=torch.Generator().manual_seed(s)) * 5 for s in range(3))


def music(*parts: Tensor) -> Tensor:
    return torch.cat([part.expand(1, 128, PART) for part in parts], dim=-1)


def form(letters: str, same: float = 1.0, different: float = -1.0) -> Tensor:
    """Two kinds of parts, centred over time, point in opposite directions: -1."""
    of = torch.tensor([ord(letter) for letter in letters]).repeat_interleave(PART)
    return torch.where(of[:, None] == of, same, different)[None]


def asked(target: Tensor, **settings: object) -> StructureObjective:
    settings = {"mask": torch.ones_like(target), "smoothing": None, **settings}
    return StructureObjective(target=target, weight=1.0, **settings)  # type: ignore[arg-type]


def test_it_is_an_objective() -> None:
    assert isinstance(asked(form("ABA")), Objective)


def test_a_b_a_has_its_own_form_and_no_other(heard_with: HeardWith) -> None:
    heard = heard_with(log_mel=music(A, B, A))
    losses = {
        letters: float(asked(form(letters)).loss(heard)) for letters in ("ABA", "AAB", "ABB", "AAA")
    }
    assert losses["ABA"] < 1e-4
    assert min(losses[letters] for letters in ("AAB", "ABB", "AAA")) > 1


def test_smoothed_the_right_form_still_costs_nothing(heard_with: HeardWith) -> None:
    heard = heard_with(log_mel=music(A, B, A))
    assert asked(form("ABA"), smoothing=85).loss(heard) < 1e-4
    assert asked(form("AAB"), smoothing=85).loss(heard) > 1


def test_smoothed_what_changes_inside_a_part_counts_less(heard_with: HeardWith) -> None:
    hits = 30 * (torch.arange(3 * PART) % 8 == 0) * torch.rand(1, 128, 1)
    heard = heard_with(log_mel=music(A, B, A) + hits)
    fine, smooth = (asked(form("ABA"), smoothing=window).loss(heard) for window in (None, 41))
    assert smooth < 0.7 * fine


def test_a_recording_has_its_own_structure(heard_with: HeardWith) -> None:
    mel = torch.randn(1, 128, 50, generator=torch.Generator().manual_seed(5))
    target = self_similarity(timbre(mel))
    assert asked(target).loss(heard_with(log_mel=mel)) < 1e-9


def test_pairs_that_are_not_asked_do_not_count(heard_with: HeardWith) -> None:
    heard = heard_with(log_mel=music(A, B, A))
    outer = torch.arange(3 * PART) // PART != 1
    mask = (outer[:, None] & outer)[None].float()
    assert asked(form("AAA"), mask=mask).loss(heard) < 1e-4


def test_music_made_before_and_after_stands_beside_the_window(heard_with: HeardWith) -> None:
    alone = asked(form("BA"))
    together = asked(form("ABAB"), before=music(A), after=music(B))
    heard = heard_with(log_mel=music(B, A))
    assert together.loss(heard) < 1e-4
    assert torch.equal(
        together.similarity(heard),
        asked(form("ABAB")).similarity(heard_with(log_mel=music(A, B, A, B))),
    )
    assert alone.similarity(heard).shape == (1, 2 * PART, 2 * PART)


def test_the_memory_tells_the_window_which_part_it_is(heard_with: HeardWith) -> None:
    objective = asked(form("AB"), before=music(A))
    assert objective.loss(heard_with(log_mel=music(B))) < objective.loss(
        heard_with(log_mel=music(A) + 0.5 * torch.randn(1, 128, PART))
    )


def test_longer_moments_see_the_same_form(heard_with: HeardWith) -> None:
    pooled = form("ABA")[:, ::10, ::10]
    objective = asked(pooled, pool=10)
    assert objective.loss(heard_with(log_mel=music(A, B, A))) < 1e-4


def test_a_moment_is_the_mean_of_its_frames() -> None:
    mel = torch.randn(1, 128, 23)
    assert moments(mel, 5).allclose(mel[..., :20].unflatten(-1, (4, 5)).mean(-1), atol=1e-6)
    assert moments(mel, 1) is mel


def test_music_that_never_changes_has_a_finite_gradient(heard_with: HeardWith) -> None:
    mel = music(A, A).requires_grad_()
    loss = asked(form("AB")).loss(heard_with(log_mel=mel))
    assert torch.autograd.grad(loss, mel)[0].isfinite().all()


@pytest.mark.parametrize("smoothing", [11, None])
def test_fifteen_iterations_bring_the_toy_nearer_to_a_form(
    smoothing: int | None, improvement: Improvement
) -> None:
    frames = Listening(ToyModel()).hear(torch.zeros(1, 32, 64)).frames
    letters = torch.arange(frames // 8) * 2 // (frames // 8)
    target = (letters[:, None] == letters)[None].float()
    assert improvement(asked(target, pool=8, smoothing=smoothing)) < 0.9
