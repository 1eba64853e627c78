"""Tempo, downbeat and key, on music whose answer is known."""

import numpy as np
import pytest
import torch

from engine.analysis import Analysis, analyze
from engine.key import find_key
from engine.models.music_model import MusicalContext
from engine.shapes import Samples
from engine.tempo import SAMPLE_RATE, Array, find_beat

SCALE = (0, 2, 4, 5, 7, 9, 11, 12)
CADENCE = ((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7))


def clicks(bpm: float, *, first: float = 0.0, seconds: float = 6.0) -> Array:
    audio = np.zeros(round(seconds * SAMPLE_RATE))
    click = np.sin(np.arange(400) * 0.3) * np.exp(-np.arange(400) / 100)
    for start in np.arange(first, seconds - 0.02, 60 / bpm):
        at = round(start * SAMPLE_RATE)
        audio[at : at + 400] += click[: audio.size - at]
    return audio


def tone(semitones: float, seconds: float) -> Array:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hertz = 261.63 * 2 ** (semitones / 12)
    harmonics = sum(np.sin(2 * np.pi * hertz * k * time) / k**2 for k in (1, 2, 3))
    return np.asarray(0.1 * harmonics * np.minimum(1, 50 * time))


def chords(names: tuple[tuple[int, ...], ...], transposed: int = 0) -> Array:
    return np.concatenate([sum(tone(n + transposed, 1.0) for n in chord) for chord in names])


def drone(seconds: float = 6.0) -> Array:
    return tone(-12, seconds) + tone(0, seconds)


def as_samples(mono: Array) -> Samples:
    return torch.from_numpy(mono)[None]


@pytest.mark.parametrize("bpm", [70, 90, 120, 140, 160])
@pytest.mark.parametrize("first", [0.0, 0.11, 0.3])
def test_clicks_are_found_within_2_percent_and_30_ms(bpm: float, first: float) -> None:
    beat = find_beat(clicks(bpm, first=first))
    assert beat is not None
    assert beat.bpm == pytest.approx(bpm, rel=0.02)
    late = (beat.downbeat - first + 30 / bpm) % (60 / bpm) - 30 / bpm
    assert abs(late) < 0.03


def test_a_given_tempo_is_taken_and_only_the_beat_is_sought() -> None:
    beat = find_beat(clicks(120, first=0.2), bpm=60.0)
    assert beat is not None
    assert beat.bpm == 60
    assert (beat.downbeat - 0.2 + 0.03) % 0.5 < 0.06


def test_clicks_are_sure_of_their_tempo() -> None:
    beat = find_beat(clicks(120))
    assert beat is not None
    assert beat.tempo_confidence > 0.9


def test_a_clip_that_starts_on_a_click_starts_on_the_downbeat() -> None:
    beat = find_beat(clicks(120))
    assert beat is not None
    assert abs(beat.downbeat) < 0.03


@pytest.mark.parametrize("mono", [
    np.zeros(6 * SAMPLE_RATE), drone(), clicks(120, first=0.5, seconds=0.9), np.zeros(100),
], ids=["silence", "a drone", "one click", "next to nothing"])  # fmt: skip
def test_without_a_beat_there_is_no_tempo(mono: Array) -> None:
    assert find_beat(mono) is None


@pytest.mark.parametrize("transposed", range(12))
def test_a_cadence_tells_its_key(transposed: int) -> None:
    names = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
    key = find_key(chords(CADENCE, transposed))
    assert key is not None
    assert key.name == f"{names[transposed]} major"


def test_a_c_major_scale_is_c_major() -> None:
    key = find_key(np.concatenate([tone(note, 0.5) for note in SCALE]))
    assert key is not None
    assert key.name == "C major"


def test_a_minor_cadence_is_minor() -> None:
    key = find_key(chords(((9, 12, 16), (2, 5, 9), (4, 8, 11), (9, 12, 16))))
    assert key is not None
    assert key.name == "A minor"


@pytest.mark.parametrize("mono", [
    np.zeros(6 * SAMPLE_RATE), drone(), np.random.default_rng(0).standard_normal(60000),
], ids=["silence", "a drone", "noise"])  # fmt: skip
def test_without_harmony_there_is_no_key(mono: Array) -> None:
    assert find_key(mono) is None


def test_silence_tells_nothing() -> None:
    assert analyze(torch.zeros(2, 96000), 48000) == Analysis(MusicalContext())


def test_what_the_host_knows_stays() -> None:
    host = MusicalContext(bpm=93.7, beat_offset=-0.4, beats_per_bar=3, key="F# minor")
    assert analyze(as_samples(clicks(120)), SAMPLE_RATE, host=host).context == host


def test_where_only_the_tempo_is_known_the_bar_begins_with_the_clip() -> None:
    found = analyze(as_samples(drone()), SAMPLE_RATE, host=MusicalContext(bpm=100.0)).context
    assert (found.bpm, found.beat_offset) == (100, 0)


def test_far_into_a_long_clip_the_beat_is_that_of_the_music_there() -> None:
    audio = np.concatenate([np.zeros(60 * SAMPLE_RATE), clicks(100, first=0.25, seconds=40.0)])
    found = analyze(as_samples(audio), SAMPLE_RATE, around=95.0).context
    assert found.bpm == 100
    assert found.beat_offset is not None
    assert (found.beat_offset - 60.25 + 0.03) % 0.6 < 0.06


def test_the_finding_is_a_sentence() -> None:
    context = MusicalContext(bpm=124.0, beat_offset=0.02, key="A minor")
    assert Analysis(context).sentence == "124 bpm, downbeat at 0.02 s, A minor"
    assert Analysis(MusicalContext()).sentence == "no clear tempo, no clear key"
