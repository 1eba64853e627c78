"""Melodies from standard MIDI files, by their own tempo map.

Drums are left out. Where several notes sound at once, the highest is taken: the top line is what
a listener follows.
"""

import heapq
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import mido

from bridge.formats.problems import ProblemsError
from plugin_protocol.controls import Note

DRUM_CHANNEL = 9
LEGATO_SECONDS = 0.06
"""Played lines overlap by as much without being chords."""


@dataclass(frozen=True)
class Line:
    """One voice; `chords` says that there were others below it."""

    notes: tuple[Note, ...]
    chords: bool


def read_midi(path: Path) -> Line:
    """Return the top line of a file. Raises ProblemsError."""
    notes = _sounding(path)
    if not notes:
        raise ProblemsError(
            [f"{path} holds no notes beside drums. Export the track with the melody."]
        )
    return top_line(notes)


def top_line(notes: list[Note]) -> Line:
    """Return at every time the highest note that sounds, as notes one after the other.

    Of two equal pitches at once the one that began last is taken.
    """
    events = sorted({time for note in notes for time in (note.start, note.end)})
    waiting = sorted(range(len(notes)), key=lambda number: notes[number].start, reverse=True)
    sounding: list[tuple[int, float, int]] = []
    line: list[tuple[int, Note]] = []
    for now, following in pairwise(events):
        while waiting and notes[waiting[-1]].start <= now:
            number = waiting.pop()
            heapq.heappush(sounding, (-notes[number].pitch, -notes[number].start, number))
        while sounding and notes[sounding[0][2]].end <= now:
            heapq.heappop(sounding)
        if not sounding:
            continue
        number = sounding[0][2]
        last = line[-1] if line else None
        if last is not None and last[0] == number and last[1].end == now:
            start = line.pop()[1].start
        else:
            start = now
        line.append((number, Note(start=start, end=following, pitch=notes[number].pitch)))
    return Line(tuple(note for _, note in line), _has_chords(notes))


def _has_chords(notes: list[Note]) -> bool:
    ordered = sorted(notes, key=lambda note: note.start)
    latest = 0.0
    for note in ordered:
        if min(latest, note.end) - note.start > LEGATO_SECONDS:
            return True
        latest = max(latest, note.end)
    return False


def _sounding(path: Path) -> list[Note]:
    """Return all notes of all channels but the drums', in seconds."""
    begun: dict[tuple[int, int], list[float]] = defaultdict(list)
    notes: list[Note] = []
    now = 0.0
    for message in _messages(path):
        now += message.time
        if message.type not in ("note_on", "note_off") or message.channel == DRUM_CHANNEL:
            continue
        held = begun[message.channel, message.note]
        if message.type == "note_on" and message.velocity > 0:
            held.append(now)
        elif held and now > (start := held.pop(0)):
            notes.append(Note(start=start, end=now, pitch=message.note))
    for (_, pitch), starts in begun.items():
        # Notes without an end last as long as the file.
        notes += [Note(start=start, end=now, pitch=pitch) for start in starts if now > start]
    return notes


def _messages(path: Path) -> list[mido.Message]:
    try:
        return list(mido.MidiFile(path, clip=True))
    except FileNotFoundError as error:
        raise ProblemsError([f"{path} does not exist. Check the name."]) from error
    except Exception as error:  # mido meets damaged files with whatever Python raises
        raise ProblemsError(
            [f"{path} is damaged or no MIDI file of one song. Export it again as .mid."]
        ) from error
