"""Melodies in words: names are MIDI's, lengths add up, every fault is named."""

import itertools

import pytest
from librosa import note_to_midi

from bridge.formats.notes import notes_of
from bridge.formats.problems import ProblemsError
from plugin_protocol.controls import Note

NAMES = [
    f"{step}{shift}{octave}"
    for step, shift, octave in itertools.product("CDEFGAB", ["", "#", "b"], range(9))
]


def test_names_mean_what_librosa_takes_them_for() -> None:
    found = notes_of(", ".join(f"{name} 1" for name in NAMES), "--melody", None)
    assert [note.pitch for note in found] == [note_to_midi(name) for name in NAMES]


def test_lengths_follow_each_other_and_rests_are_silent() -> None:
    assert notes_of("C4 1, rest 0.5, E4 0.25", "--melody", None) == (
        Note(start=0, end=1, pitch=60),
        Note(start=1.5, end=1.75, pitch=64),
    )


def test_beats_last_as_long_as_the_tempo_says() -> None:
    (first, second) = notes_of("c4 2b, Eb4 1s", "--melody", 90)
    assert (first.end, second.end) == pytest.approx((2 * 60 / 90, 2 * 60 / 90 + 1))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no note with its length"),
        ("rest 1", "holds no note"),
        ("C4", "'C4' is no note with its length"),
        ("H4 1", "'H4 1' names no note"),
        ("C 1", "names no note"),
        ("B9 1", "is no MIDI note"),
        ("C4 0", "has no length above 0"),
        ("C4 -1", "has no length above 0"),
        ("C4 nan", "has no length above 0"),
        ("C4 inf", "has no length above 0"),
        ("C4 x", "has no length above 0"),
        ("C4 1b", "is in beats. Give the tempo with --bpm"),
    ],
)
def test_what_is_no_melody_is_refused(text: str, words: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        notes_of(text, "--melody", None)
    assert words in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ProblemsError) as caught:
        notes_of("C4 0, D4 1, X4 1", "--melody", None)
    assert len(caught.value.sentences) == 2
