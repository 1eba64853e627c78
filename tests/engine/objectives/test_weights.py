"""Weights by combination: laws, and the measured exceptions."""

from itertools import combinations

import pytest

from engine.objectives.weights import DECIBELS, OTHERS, default_weights


@pytest.mark.parametrize("kind", sorted(DECIBELS | OTHERS))
def test_alone_every_objective_has_weight_1(kind: str) -> None:
    assert default_weights({kind}) == {kind: 1.0}


@pytest.mark.parametrize("kinds", combinations(sorted(DECIBELS), 2))
def test_decibels_among_themselves_are_equals(kinds: tuple[str, str]) -> None:
    assert set(default_weights(set(kinds)).values()) == {1.0}


@pytest.mark.parametrize("other", sorted(OTHERS))
def test_beside_other_units_decibels_stay_equals_and_count_less(other: str) -> None:
    weights = default_weights(DECIBELS - {"texture"} | {other})
    assert weights.pop(other) == 1.0
    assert len(set(weights.values())) == 1
    assert next(iter(weights.values())) < 1


def test_what_is_in_company_does_not_change_the_weight_of_melody() -> None:
    assert default_weights(DECIBELS | OTHERS)["melody"] == 1.0
