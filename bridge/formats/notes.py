"""Melodies in words: "C4 1, E4 0.5, rest 1", each note with its length."""

import math
import re

from bridge.formats.lengths import number_of
from bridge.formats.problems import ProblemsError
from plugin_protocol.controls import Note

EXAMPLE = "Write notes with their seconds, such as C4 1, E4 0.5, rest 1."
MIDDLE_C_OCTAVE = 4
"""C4 is middle C, MIDI note 60; some programs call it C3."""

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFTS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_NOTE = re.compile(r"(?P<step>[A-G])(?P<shift>[#♯b♭]?)(?P<octave>-?\d)", re.IGNORECASE)
_LENGTH = re.compile(r"(?P<number>[^a-z]+)(?P<unit>[bs]?)", re.IGNORECASE)


def notes_of(text: str, where: str, bpm: float | None) -> tuple[Note, ...]:
    """Return the notes, one after the other from 0 s; lengths ending in b are beats at `bpm`."""
    notes: list[Note] = []
    problems: list[str] = []
    now = 0.0
    for item in text.replace(";", ",").split(","):
        try:
            pitch, seconds = _item(item.split(), bpm)
        except ValueError as error:
            problems.append(f"{where}: '{item.strip()}' {error}")
            continue
        if pitch is not None:
            notes.append(Note(start=now, end=now + seconds, pitch=pitch))
        now += seconds
    if not notes and not problems:
        problems.append(f"{where} holds no note. {EXAMPLE}")
    if problems:
        raise ProblemsError(problems)
    return tuple(notes)


def _item(words: list[str], bpm: float | None) -> tuple[int | None, float]:
    """Return (pitch, None for a rest; seconds). Raises ValueError with half a sentence."""
    if len(words) != 2:
        raise ValueError(f"is no note with its length. {EXAMPLE}")
    name, length = words
    if name.lower() in ("rest", "r"):
        return None, _seconds(length, bpm)
    return _pitch(name), _seconds(length, bpm)


def _pitch(name: str) -> int:
    match = _NOTE.fullmatch(name)
    if not match:
        raise ValueError("names no note. Write a letter and an octave, such as C4, F#3 or Bb5.")
    step = _STEPS[match["step"].upper()] + _SHIFTS[match["shift"].lower()]
    pitch = 60 + step + 12 * (int(match["octave"]) - MIDDLE_C_OCTAVE)
    if not 0 <= pitch <= 127:
        raise ValueError("is no MIDI note. C-1 is the lowest, G9 the highest.")
    return pitch


def _seconds(length: str, bpm: float | None) -> float:
    match = _LENGTH.fullmatch(length)
    number = number_of(match["number"]) if match else math.nan
    if match is None or not 0 < number < math.inf:
        raise ValueError("has no length above 0. Write seconds, such as 0.5, or beats, as 1b.")
    if match["unit"].lower() != "b":
        return number
    if bpm is None:
        raise ValueError("is in beats. Give the tempo with --bpm, or write seconds.")
    return number * 60 / bpm
