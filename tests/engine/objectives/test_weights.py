"""Weights by combination: laws, and the measured exceptions."""

from itertools import combinations

import pytest

from engine.objectives.weights import DECIBELS, OTHERS, default_weights


@pytest.mark.parametrize("kind", sorted(DECIBELS | OTHERS))
def test_alone_every_objective_has_weight_1(kind: str) -> None:
    assert default_weights({kind}) == {kind: 1.0}


@pytest.mark.parametrize("kinds", combinations(sorted(DECIBELS - {"texture"}), 2))
def test_decibels_among_themselves_are_equals(kinds: tuple[str, str]) -> None:
    assert set(default_weights(set(kinds)).values()) == {1.0}


@pytest.mark.parametrize("other", sorted(OTHERS))
@pytest.mark.parametrize("kind", sorted(DECIBELS))
def test_beside_other_units_decibels_count_less(kind: str, other: str) -> None:
    weights = default_weights({kind, other})
    assert weights[kind] < weights[other]


def test_what_stays_of_a_clip_comes_before_its_texture() -> None:
    for kinds in ({"overlap", "texture"}, DECIBELS | OTHERS):
        weights = default_weights(kinds)
        assert weights["overlap"] > weights["texture"]


def test_what_is_in_company_does_not_change_the_weight_of_melody() -> None:
    assert default_weights(DECIBELS | OTHERS)["melody"] == 1.0
