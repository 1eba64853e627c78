"""What is drawn on clips, as a gain."""

import math
from array import array

import pytest

from plugin_protocol.hosts.audacity.clip_envelope import Envelope
from plugin_protocol.hosts.audacity.float_wav import Sound

# Down by 20 dB from second 1 to second 3, in a clip that ends at second 4.
DRAWN = Envelope(
    [{"start": 0.0, "end": 4.0, "points": [{"t": 1.0, "y": 1.0}, {"t": 3.0, "y": 0.1}]}]
)


@pytest.mark.parametrize(
    ("time", "gain"), [(0.5, 1.0), (1.0, 1.0), (2.0, 10**-0.5), (3.0, 0.1), (3.9, 0.1), (4.0, 1.0)]
)
def test_between_points_decibels_are_a_straight_line(time: float, gain: float) -> None:
    assert math.exp(DRAWN.log_gain(time)) == pytest.approx(gain)


def test_a_curve_has_its_times_from_the_selection_on() -> None:
    curve = dict(DRAWN.decibels(2.0, 3.5))
    assert curve[0.0] == pytest.approx(-10)
    assert curve[1.0] == pytest.approx(-20)
    assert max(curve) < 1.5


def test_what_is_silent_is_60_decibels_down_in_a_curve() -> None:
    points = [{"t": 0.0, "y": 0.0}, {"t": 1.0, "y": 0.0}]
    silent = Envelope([{"start": 0.0, "end": 1.0, "points": points}])
    assert all(level == pytest.approx(-60) for _, level in silent.decibels(0.0, 1.0))


def test_a_curve_of_very_many_points_has_as_many_as_a_request_may_have() -> None:
    points = [{"t": i / 1000, "y": 0.5 + i % 2 / 2} for i in range(4000)]
    drawn = Envelope([{"start": 0.0, "end": 4.0, "points": points}])
    assert len(drawn.decibels(0.0, 4.0)) <= 512


def test_a_sound_is_as_loud_as_it_is_heard_but_where_it_stays_raw() -> None:
    sound = Sound(rate=10, channels=2, samples=array("f", [1.0] * 80))
    DRAWN.bake(sound, 0.0, raw=(2.5, 3.5))
    gains = sound.samples[::2]
    assert sound.samples[1::2] == gains
    assert gains[20] == pytest.approx(10**-0.5)
    assert set(gains[25:35]) == {1.0}
    assert gains[39] == pytest.approx(0.1)


def test_nothing_drawn_changes_nothing() -> None:
    flat = Envelope([{"start": 0.0, "end": 4.0, "points": []}])
    assert not flat.is_drawn(0.0, 4.0)
    assert flat.log_gain(1.0) == 0.0
