"""Numbers of a log-mel, where the answer is known."""

import pytest
import torch

from engine.evaluation.music_metrics import FrechetSpace, slope


@pytest.mark.parametrize("decibels", [-12.0, 0.0, 18.0])
def test_a_ramp_has_the_slope_of_its_ends(decibels: float) -> None:
    ramp = torch.linspace(-30, -30 + decibels, 512).expand(1, 20, 512)
    # The outer 100 frames at each end are averaged, the very ends are not reached.
    assert abs(float(slope(ramp)) - decibels * (1 - 100 / 512)) < 0.2


def test_a_set_has_no_distance_to_itself_and_moves_away_as_it_shifts() -> None:
    features = torch.randn(300, 40, generator=torch.Generator().manual_seed(0))
    space = FrechetSpace.of(features)
    near = space.distance(features, features)
    assert abs(near) < 1e-2
    assert (
        space.distance(features, features + 0.5) > space.distance(features, features + 0.1) > near
    )
