"""Weights by combination, as the paper has them."""

import pytest

from engine.objectives.weights import DECIBELS, OTHERS, default_weights


@pytest.mark.parametrize("kind", sorted(DECIBELS | OTHERS))
def test_alone_every_objective_has_weight_1(kind: str) -> None:
    assert default_weights({kind}) == {kind: 1.0}


def test_decibels_among_themselves_are_equals() -> None:
    assert set(default_weights({"overlap", "intensity"}).values()) == {1.0}


def test_the_papers_pairs() -> None:
    assert default_weights({"intensity", "melody"}) == {"intensity": 1 / 4, "melody": 1.0}
    assert default_weights({"intensity", "structure"}) == {"intensity": 1 / 40, "structure": 1.0}


@pytest.mark.parametrize("kind", ["overlap", "repeat", "clip"])
@pytest.mark.parametrize("other", sorted(OTHERS))
def test_squared_decibels_count_a_fortieth_beside_other_units(kind: str, other: str) -> None:
    assert default_weights({kind, other}) == {kind: 1 / 40, other: 1.0}


def test_in_company_of_both_intensity_is_a_decibel_like_any_other() -> None:
    weights = default_weights({"intensity", "melody", "overlap"})
    assert weights == {"intensity": 1 / 40, "overlap": 1 / 40, "melody": 1.0}
