"""Cohesion, stated as facts about spectra."""

import torch

from engine.evaluation.cohesion import timbre_distance

SOUND = torch.randn(20, 40, generator=torch.Generator().manual_seed(0))


def test_the_same_sound_in_another_order_has_the_same_timbre() -> None:
    assert timbre_distance(SOUND.flip(1), SOUND) < 1e-6


def test_a_level_change_is_a_distance_of_its_decibels() -> None:
    assert abs(timbre_distance(SOUND + 3, SOUND) - 3) < 1e-5
