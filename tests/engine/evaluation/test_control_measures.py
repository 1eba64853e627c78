"""The measures of the controls, on sounds whose answer is known."""

import librosa
import numpy as np
import pytest

from engine.controls import Note, Section
from engine.evaluation import control_measures as measures
from engine.evaluation.control_measures import SAMPLE_RATE, Numbers, Signal

SECONDS = 5.94
TIME = np.arange(round(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
RAMP = ((0.0, -35.0), (SECONDS, -20.0))
SCALE = tuple(Note(0.7 * i, 0.7 * (i + 1), 60 + step) for i, step in enumerate((0, 2, 4, 5, 7, 9)))


def noise(seed: int = 0) -> Numbers:
    return np.random.default_rng(seed).standard_normal(len(TIME))


def stereo(mono: Numbers) -> Signal:
    return np.stack([mono, mono]).astype(np.float32)


def at_levels(sound: Numbers, points: tuple[tuple[float, float], ...]) -> Signal:
    seconds, levels = zip(*points, strict=True)
    return stereo(sound * 10 ** (np.interp(TIME, seconds, levels) / 20))


def sung(notes: tuple[Note, ...], harmonics: int = 4) -> Numbers:
    sound = np.zeros(len(TIME))
    for note in notes:
        hertz = librosa.midi_to_hz(note.pitch)
        sounds = (note.start <= TIME) & (note.end > TIME)
        for k in range(1, harmonics + 1):
            sound += sounds * np.sin(2 * np.pi * k * hertz * TIME) / k**2
    return 0.1 * sound


def in_form(form: str) -> Signal:
    """Noise in a colour for each letter: A dark, B bright, C in between."""
    bands = {"A": (100, 800), "B": (4000, 12000), "C": (1000, 3000)}
    spectrum = np.fft.rfft(noise())
    hertz = np.fft.rfftfreq(len(TIME), 1 / SAMPLE_RATE)
    colours = {
        letter: np.fft.irfft(spectrum * ((hertz > low) & (hertz < high)), len(TIME))
        for letter, (low, high) in bands.items()
    }
    place = np.minimum((TIME / SECONDS * len(form)).astype(int), len(form) - 1)
    mixed = np.select([place == i for i in range(len(form))], [colours[x] for x in form])
    return stereo(0.1 * mixed + 1e-4 * noise(1))


def sections(form: str) -> tuple[Section, ...]:
    return tuple(Section(letter, SECONDS / len(form)) for letter in form)


def test_noise_whose_level_is_the_curve_has_no_intensity_error() -> None:
    assert measures.intensity_error(at_levels(noise(), RAMP), RAMP) < 0.3


def test_a_constant_offset_is_an_error_of_its_decibels_and_no_loss_of_correlation() -> None:
    louder = 2.0 * at_levels(noise(), RAMP)
    assert measures.intensity_error(louder, RAMP) == pytest.approx(20 * np.log10(2), abs=0.3)
    assert measures.intensity_correlation(louder, RAMP) > 0.99


def test_the_opposite_ramp_is_correlated_negatively() -> None:
    falling = ((0.0, -20.0), (SECONDS, -35.0))
    assert measures.intensity_correlation(at_levels(noise(), RAMP), falling) < -0.99


def test_where_no_level_is_asked_none_is_measured() -> None:
    half = ((0.0, -30.0), (SECONDS / 2, -30.0))
    audio = at_levels(noise(), ((0.0, -30.0), (4.0, -30.0), (4.1, -80.0)))
    assert measures.intensity_error(audio, half) < 0.5


def test_a_sung_scale_is_heard_and_its_neighbours_are_not() -> None:
    audio = stereo(sung(SCALE))
    assert measures.melody_accuracy(audio, SCALE) > 0.9
    higher = tuple(Note(note.start, note.end, note.pitch + 1) for note in SCALE)
    assert measures.melody_accuracy(audio, higher) < 0.1


def test_a_bass_below_middle_c_does_not_drown_the_melody() -> None:
    bass = 0.1 * np.sin(2 * np.pi * librosa.midi_to_hz(42) * TIME)
    assert measures.melody_accuracy(stereo(sung(SCALE) + bass), SCALE) > 0.85


def test_rests_count_neither_for_nor_against() -> None:
    part = SCALE[:3]
    audio = stereo(sung(SCALE))
    assert measures.melody_accuracy(audio, part) == pytest.approx(1, abs=0.1)
    asked = measures.asked_pitch_classes(np.array([0.1, 0.8, 5.0]), part)
    assert asked.tolist() == [0, 2, -1]


@pytest.mark.parametrize("form", ["AB", "ABA", "ABBA", "ABAC"])
def test_colours_in_a_form_have_its_blocks(form: str) -> None:
    assert measures.structure_correlation(in_form(form), sections(form)) > 0.8


def test_another_form_and_mere_noise_do_not_have_them() -> None:
    assert measures.structure_correlation(in_form("ABAB"), sections("AABB")) < 0.4
    assert abs(measures.structure_correlation(stereo(0.1 * noise()), sections("ABBA"))) < 0.3


def test_equal_labels_are_alike_and_sections_without_a_label_are_not_asked() -> None:
    form = (Section("A", 1.0), Section("B", 1.0), Section("", 1.0), Section("A", 1.0))
    blocks = measures.asked_similarity(np.array([0.5, 1.5, 2.5, 3.5, 4.5]), form)
    assert blocks[0].tolist()[:2] == [1, 0]
    assert blocks[0, 3] == 1
    assert np.isnan(blocks[2]).all()
    assert np.isnan(blocks[:, 4]).all()


def test_whole_periods_loop_without_a_jump_and_a_cut_one_jumps() -> None:
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    hum = np.sin(2 * np.pi * 220 * time) * (1 + 0.5 * np.sin(2 * np.pi * 2 * time))
    whole = stereo(0.1 * hum + 1e-4 * noise()[: len(time)])
    assert measures.loop_percentile(whole) < 99.9
    assert measures.loop_percentile(whole + np.linspace(0, 0.3, len(time), dtype="f4")) == 100


def test_twice_as_loud_is_six_decibels_from_itself() -> None:
    audio = stereo(0.1 * noise())
    assert measures.mel_distance(audio, audio) == 0
    assert measures.mel_distance(audio, 2 * audio) == pytest.approx(20 * np.log10(2), abs=0.01)
