"""What the picture measures by itself: known sounds have known levels and pitch classes."""

import numpy as np
import pytest

from bridge.plot.matrices import values
from bridge.plot.measured import loudness, pitch_classes
from bridge.plot.picture import Picture
from bridge.plot.pitches import cells
from bridge.spec import AudioFile, Melody
from plugin_protocol.values import MeasuredCurve, Music

RATES = [8_000, 22_050, 44_100, 96_000]


def tone(hertz: float, rate: int, *, seconds: float = 3.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)[:, None]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("channels", [1, 2])
def test_a_full_scale_sine_measures_3_db_below_0(rate: int, channels: int) -> None:
    times, levels = loudness(tone(440, rate).repeat(channels, axis=1), rate)
    middle = (times > 0.6) & (times < 2.4)
    assert np.allclose(levels[middle], -3.01, atol=0.05)


def test_a_steady_swell_measures_as_a_straight_line() -> None:
    rate = 44_100
    seconds = np.arange(6 * rate) / rate
    swell = tone(440, rate, seconds=6) * 10 ** ((-30 + 4 * seconds[:, None]) / 20)
    times, levels = loudness(swell, rate)
    middle = (times > 0.6) & (times < 5.4)
    assert np.allclose(levels[middle], -33.01 + 4 * times[middle], atol=0.1)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("pitch", [60, 64, 69, 83])
def test_a_note_lights_up_its_pitch_class(rate: int, pitch: int) -> None:
    step, strengths = pitch_classes(tone(440 * 2 ** ((pitch - 69) / 12), rate), rate)
    inner = strengths[:, 10:-10]
    assert (inner.argmax(axis=0) == pitch % 12).all()
    assert strengths.shape[1] * step == pytest.approx(3.0, abs=2 * step)


def test_a_matrix_of_bytes_spans_minus_1_to_1() -> None:
    assert values(bytes([0, 255, 255, 0]), 2).tolist() == [[-1, 1], [1, -1]]


def test_a_heard_melody_becomes_one_cell_for_each_of_its_notes() -> None:
    heard = (0.0, 0.0, -1.0, 7.0)
    curve = MeasuredCurve(
        name="melody", unit="pitch class", seconds=(0, 1, 2, 3), target=heard, measured=heard
    )
    picture = Picture(np.zeros((1, 1)), 1, (), 0, Music(), (curve,), (), (), "")
    followed = Melody(reference=AudioFile(path="song.wav"))
    assert cells(followed, picture) == [(-0.5, 1.5, 0), (2.5, 3.5, 7)]
