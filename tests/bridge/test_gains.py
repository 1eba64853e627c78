"""Gain: what a fader says, as levels."""

import numpy as np
import pytest

from bridge.audio_files import Recording
from bridge.formats.problems import ProblemsError
from bridge.gains import from_gain, levels
from bridge.spec import AudioFile, Intensity

RATE = 44_100
SINE = 0.5 * np.sin(2 * np.pi * 441 * np.arange(4 * RATE) / RATE)
SINE_DB = 20 * np.log10(0.5 / 2**0.5)
FADER = Intensity(points=((0.0, -12.0), (4.0, 6.0)), match="gain", weight=2.0)


def recording(*channels: np.ndarray) -> Recording:
    return Recording(np.stack(channels, axis=1), RATE, "DOUBLE")


def test_a_sine_of_half_scale_is_at_minus_nine_decibels_all_the_time() -> None:
    times, known = levels(recording(SINE))
    np.testing.assert_allclose(known, SINE_DB, atol=0.01)
    assert 0 < times[0] < times[-1] < 4


def test_two_equal_channels_are_as_loud_as_one() -> None:
    np.testing.assert_allclose(levels(recording(SINE, SINE))[1], levels(recording(SINE))[1])


def test_a_beat_is_midway_between_its_power_and_its_frames() -> None:
    """Half of the time is silent: half the power, -3 dB; half of the frames at -80 dB."""
    audio = np.tile(np.repeat([1.0, 0.0], RATE // 2), 8)
    _, known = levels(recording(audio))
    middle = known[len(known) // 4 : -len(known) // 4]
    wanted = (10 * np.log10(0.5) + (0 - 80) / 2) / 2
    assert np.abs(middle - wanted).max() < 3  # frames that hold both count as loud
    assert middle.mean() > wanted


def test_a_fader_moves_the_clips_own_level() -> None:
    asked = from_gain(FADER, recording(SINE), "--intensity")
    at, level = np.array(asked.points).T
    assert (asked.match, asked.weight) == ("level", 2.0)
    assert (at[0], at[-1]) == (0.0, 4.0)
    np.testing.assert_allclose(level, SINE_DB + np.interp(at, (0, 4), (-12, 6)), atol=0.01)


def test_a_clip_that_grows_louder_does_so_on_the_fader_too() -> None:
    grown = np.concatenate([SINE / 10, SINE])
    flat = Intensity(points=((0.0, 0.0), (8.0, 0.0)), match="gain")
    at, level = np.array(from_gain(flat, recording(grown), "").points).T
    np.testing.assert_allclose(level[at < 3], SINE_DB - 20, atol=0.01)
    np.testing.assert_allclose(level[at > 5], SINE_DB, atol=0.01)


def test_where_the_clip_is_not_its_mean_level_counts() -> None:
    """Two seconds before the clip, and two behind it."""
    around = Intensity(points=((0.0, 0.0), (8.0, 0.0)), match="gain")
    clip = recording(np.concatenate([SINE[: 2 * RATE] / 10, SINE[: 2 * RATE]]))
    at, level = np.array(from_gain(around, clip, "", clip_start=2.0).points).T
    outside = level[(at < 2) | (at > 6)]
    np.testing.assert_allclose(outside, levels(clip)[1].mean())
    assert level[np.argmin(np.abs(at - 2.5))] == pytest.approx(SINE_DB - 20, abs=0.01)


@pytest.mark.parametrize("seconds", [0.05, 3.0, 600.0])
def test_points_are_as_dense_as_the_protocol_takes_them(seconds: float) -> None:
    curve = Intensity(points=((0.0, 0.0), (seconds, -6.0)), match="gain")
    points = from_gain(curve, recording(SINE), "").points
    assert 2 <= len(points) <= 512
    assert points[-1][0] == pytest.approx(seconds)


def test_nothing_is_asked_to_be_louder_than_full_scale() -> None:
    loud = Intensity(points=((0.0, 0.0), (1.0, 20.0)), match="gain")
    assert from_gain(loud, recording(SINE), "").points[-1] == (1.0, 0.0)


def test_levels_stay_as_they_are() -> None:
    curve = Intensity(points=((0.0, -12.0), (1.0, 0.0)))
    assert from_gain(curve, None, "") is curve


@pytest.mark.parametrize(
    ("control", "clip", "said"),
    [
        (FADER, None, "there is no clip"),
        (FADER, recording(0 * SINE), "only silence"),
        (Intensity(reference=AudioFile(path="a.wav"), match="gain"), recording(SINE), "no gains"),
    ],
)
def test_what_has_no_level_to_count_from_is_refused(
    control: Intensity, clip: Recording | None, said: str
) -> None:
    with pytest.raises(ProblemsError, match=said):
        from_gain(control, clip, "--intensity")
