"""Controls as a user meets them: from the command line to a file that librosa hears.

The limits are those that the mean over many targets must keep (`ditto bench controls`); the targets
here are easy ones of them.
"""

from pathlib import Path

import pytest
import soundfile as sf

from engine.controls import Note, Section
from engine.evaluation.control_measures import (
    Signal,
    intensity_curve,
    intensity_error,
    loop_percentile,
    mel_distance,
    melody_accuracy,
    structure_correlation,
)

from .conftest import KEYS, Ditto, finished

SECONDS = 5.94


def made(ditto: Ditto, path: Path, command: str, *words: object) -> Signal:
    """Return the music of a command that must succeed, (channels, samples)."""
    finished(ditto.start(command, "--json", "-o", path, *words))
    return heard(path)


def heard(path: Path) -> Signal:
    audio, _ = sf.read(path, dtype="float32", always_2d=True)
    return audio.T


def test_the_level_follows_a_curve(ditto: Ditto, tmp_path: Path) -> None:
    words = ("--seconds", SECONDS, "--prompt", "orchestral strings, 96 bpm, D minor")
    curve = ("--intensity", "0:-32 3:-17 5.94:-30")
    audio = made(ditto, tmp_path / "swell.wav", "generate", *words, *curve)
    assert intensity_error(audio, ((0.0, -32.0), (3.0, -17.0), (5.94, -30.0))) < 2.2


def test_the_notes_are_played(ditto: Ditto, tmp_path: Path) -> None:
    words = ("--seconds", SECONDS, "--prompt", "orchestral violin, 96 bpm, D minor")
    tune = ("--melody", "D5 1.2, F5 1.2, A4 1.2, D5 1.2, E5 1.1")
    audio = made(ditto, tmp_path / "tune.wav", "generate", *words, *tune)
    pitches, start, notes = (74, 77, 69, 74, 76), 0.0, []
    for pitch in pitches:
        notes.append(Note(start, start + 1.1, pitch))
        start += 1.2
    assert melody_accuracy(audio, notes) > 0.8


def test_the_form_is_heard(ditto: Ditto, tmp_path: Path) -> None:
    words = ("--seconds", SECONDS, "--prompt", "house, drums, synth lead, 124 bpm, A minor")
    audio = made(ditto, tmp_path / "form.wav", "generate", *words, "--structure", "A:2 B:2 A:1.94")
    form = (Section("A", 2.0), Section("B", 2.0), Section("A", 1.94))
    assert structure_correlation(audio, form) > 0.8


def test_a_loop_without_a_clip_repeats_without_a_jump(ditto: Ditto, tmp_path: Path) -> None:
    words = ("--loop-period", "1bar", "--prompt", "funk, 104 bpm, E minor")
    assert loop_percentile(made(ditto, tmp_path / "round.wav", "generate", *words)) < 99


def test_the_less_is_varied_the_more_of_the_clip_is_left(ditto: Ditto, tmp_path: Path) -> None:
    clip = heard(KEYS)
    little, much = (
        made(ditto, tmp_path / f"{strength}.wav", "vary", KEYS, "--strength", strength)
        for strength in (0, 0.8)
    )
    assert little.shape == much.shape == clip.shape
    assert mel_distance(little, clip) < 0.5 * mel_distance(much, clip)


def test_a_continuation_falls_as_asked(ditto: Ditto, tmp_path: Path) -> None:
    seconds = sf.info(KEYS).duration
    curve = f"{seconds + 0.5}:-20 {seconds + 3}:-40"
    audio = made(
        ditto, tmp_path / "out.wav", "outpaint", KEYS, "--seconds", 3, "--intensity", curve
    )
    levels = intensity_curve(audio)
    frames_per_second = len(levels) / (seconds + 3)
    early, late = (
        levels[int((seconds + start) * frames_per_second) :][: int(frames_per_second / 2)].mean()
        for start in (0.5, 2.5)
    )
    assert early - late == pytest.approx(16, abs=5)
