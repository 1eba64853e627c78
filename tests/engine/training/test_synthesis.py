"""Our own synthesizer: in tune, free of aliases, obedient to controllers."""

import numpy as np
import pytest

from engine.training.corpus.composition import Event
from engine.training.corpus.styles import PULSE_LEAD, SAW_BASS, SAW_LEAD, SUB_BASS, SUPERSAW
from engine.training.corpus.synthesis import VOICES, play

RATE = 44100


def one_note(key: int, velocity: int = 100, *controls: tuple[int, int]) -> list[Event]:
    set_up = [Event(-1, "control", 0, number, value) for number, value in controls]
    return [*set_up, Event(0.0, "on", 0, key, velocity), Event(1.8, "off", 0, key)]


def strongest_hertz(audio: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(audio.mean(0) * np.hanning(audio.shape[1])))
    return float(np.argmax(spectrum) * RATE / audio.shape[1])


@pytest.mark.parametrize("program", [SUB_BASS, SAW_BASS, PULSE_LEAD])
def test_the_fundamental_is_where_the_key_says(program: int) -> None:
    audio = play(one_note(57), program, 2.0, RATE)
    assert strongest_hertz(audio) == pytest.approx(220, abs=2)


def test_nothing_lies_between_the_harmonics_of_a_high_pulse() -> None:
    audio = play(one_note(100), PULSE_LEAD, 0.24, RATE)  # vibrato sets in later
    mono = audio.mean(0) * np.blackman(audio.shape[1])
    spectrum = np.abs(np.fft.rfft(mono)) ** 2
    hertz = np.arange(spectrum.size) * RATE / audio.shape[1]
    fundamental = 440 * 2 ** ((100 - 69) / 12)
    off = np.abs(hertz / fundamental - np.round(hertz / fundamental)) * fundamental > 60
    assert spectrum[off].sum() < 1e-4 * spectrum.sum()


@pytest.mark.parametrize("program", sorted(VOICES))
def test_half_the_velocity_is_a_quarter_of_the_level(program: int) -> None:
    loud, soft = (play(one_note(60, v), program, 2.0, RATE) for v in (120, 60))
    np.testing.assert_allclose(soft, loud / 4, atol=1e-6)


def test_the_pan_controller_moves_all_power_to_one_side() -> None:
    left = play(one_note(60, 100, (10, 0)), SAW_BASS, 1.0, RATE)
    assert np.abs(left[1]).max() < 1e-6 < np.abs(left[0]).max()


@pytest.mark.parametrize("program", [SUPERSAW, SAW_LEAD])
def test_wide_voices_differ_between_left_and_right(program: int) -> None:
    audio = play(one_note(60), program, 2.0, RATE)
    assert np.corrcoef(audio)[0, 1] < 0.95


def test_what_is_over_is_silent() -> None:
    audio = play([Event(0.0, "on", 0, 60, 100), Event(0.2, "off", 0, 60)], SAW_BASS, 1.0, RATE)
    assert np.abs(audio[:, RATE // 2 :]).max() == 0
