"""Gain: what a fader says, as levels."""

import librosa
import numpy as np
import pytest

from bridge.audio_files import Recording
from bridge.formats.problems import ProblemsError
from bridge.gains import from_gain, level_of
from bridge.spec import AudioFile, Intensity
from engine.features.intensity import SILENCE_DB as ENGINE_SILENCE_DB

RATE = 44_100
SINE = 0.5 * np.sin(2 * np.pi * 441 * np.arange(2 * RATE) / RATE)
CURVE = Intensity(points=((0.0, -12.0), (2.0, 3.0)), match="gain", weight=2.0)


def recording(*channels: np.ndarray) -> Recording:
    return Recording(np.stack(channels, axis=1), RATE, "DOUBLE")


def test_a_sine_of_half_scale_is_at_minus_nine_decibels() -> None:
    assert level_of(recording(SINE)) == pytest.approx(20 * np.log10(0.5 / 2**0.5), abs=0.01)


def test_two_equal_channels_are_as_loud_as_one() -> None:
    assert level_of(recording(SINE, SINE)) == pytest.approx(level_of(recording(SINE)))


def test_the_level_is_the_mean_of_what_librosa_reads() -> None:
    music = np.random.default_rng(0).normal(0, 0.1, 3 * RATE) * np.linspace(0, 1, 3 * RATE)
    rms = librosa.feature.rms(y=music, frame_length=2048, hop_length=512, center=False)
    wanted = np.mean(10 * np.log10(rms**2 + 10 ** (ENGINE_SILENCE_DB / 10)))
    assert level_of(recording(music)) == pytest.approx(wanted, abs=1e-4)


def test_no_gain_is_the_clips_own_level_and_gain_moves_it() -> None:
    clip = recording(SINE)
    asked = from_gain(CURVE, clip, "--intensity")
    assert (asked.match, asked.weight) == ("level", 2.0)
    (first, low), (last, high) = asked.points
    assert (first, last) == (0.0, 2.0)
    assert low == pytest.approx(level_of(clip) - 12)
    assert high == pytest.approx(level_of(clip) + 3)


def test_nothing_is_asked_to_be_louder_than_full_scale() -> None:
    loud = Intensity(points=((0.0, 0.0), (1.0, 20.0)), match="gain")
    assert from_gain(loud, recording(SINE), "").points[1] == (1.0, 0.0)


def test_levels_stay_as_they_are() -> None:
    curve = Intensity(points=((0.0, -12.0), (1.0, 0.0)))
    assert from_gain(curve, None, "") is curve


@pytest.mark.parametrize(
    ("control", "clip", "said"),
    [
        (CURVE, None, "there is no clip"),
        (CURVE, recording(0 * SINE), "only silence"),
        (Intensity(reference=AudioFile(path="a.wav"), match="gain"), recording(SINE), "no gains"),
    ],
)
def test_what_has_no_level_to_count_from_is_refused(
    control: Intensity, clip: Recording | None, said: str
) -> None:
    with pytest.raises(ProblemsError, match=said):
        from_gain(control, clip, "--intensity")
