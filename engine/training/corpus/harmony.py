"""Chords and pads: voicings that move as little as they can, in the rhythms of the style.

Rhythms are written as start:length in sixteenths.
"""

from collections.abc import Sequence
from itertools import pairwise, product

from engine.training.corpus.composition import CHANNELS, Score
from engine.training.corpus.sections import Section
from engine.training.corpus.styles import SUPERSAW

STRUM = 0.012
"""Seconds between the strings of a strummed chord."""
DOUBLE_DELAY = 0.014
"""Seconds by which the second guitar is late."""
CENTRE = 64
POWER_LOWEST = {"metal": 38, "rock": 40, "techno": 50}

EIGHTHS = " ".join(f"{i}:2" for i in range(0, 16, 2))
RHYTHMS = {
    "ambient": ("0:16",),
    "blues": ("0:3 6:2 8:3 14:2", "2:2 6:2 10:2 14:2", "0:4 4:4 8:4 12:4"),
    "bossa nova": ("0:2 3:2 6:3 10:2 13:2", "0:3 4:2 6:3 11:2 14:2", "2:3 6:2 10:3 14:2"),
    "chiptune": ("arpeggio 1",),
    "disco": ("2:1 3:1 6:1 7:1 10:1 11:1 14:1 15:1", "0:1 2:1 3:1 6:1 8:1 10:1 11:1 14:1",
              "2:2 6:2 10:2 14:2"),
    "drum and bass": ("0:12", "0:6 6:4 10:6", "3:2 6:2 11:4"),
    "folk": ("arpeggio 2", "0:4 4:2 6:3 10:2 12:2 14:2", "0:4 6:2 8:4 14:2"),
    "funk": ("2:1 5:1 10:1 13:1", "0:1 3:1 6:1 11:1", "2:1 3:1 6:1 10:1 11:1 14:1"),
    "hip hop": ("0:7 10:5", "0:12", "0:3 3:3 6:8"),
    "house": ("0:2 3:2 6:2 10:2 13:2", "2:2 6:2 10:2 14:2", "0:3 3:3 6:4 11:3"),
    "jazz": ("0:2 6:2", "2:2 8:3", "6:2 12:2", "0:2 10:2"),
    "metal": ("0:1 1:1 2:1 3:1 4:1 5:1 6:1 7:1 8:1 9:1 10:1 11:1 12:1 13:1 14:1 15:1",
              "0:2 2:1 3:1 4:2 6:1 7:1 8:2 10:1 11:1 12:2 14:1 15:1", "0:6 6:2 8:8"),
    "orchestral": ("0:16", "0:8 8:8", "0:2 2:2 4:2 6:2 8:2 10:2 12:2 14:2"),
    "reggae": ("4:2 12:2", "2:1 6:1 10:1 14:1", "4:1 5:1 12:1 13:1"),
    "rock": (EIGHTHS, "0:12 12:4", "0:3 3:3 6:2 8:3 11:3 14:2"),
    "synthwave": ("0:16", "0:6 6:6 12:4", "arpeggio 1"),
    "techno": ("2:1 5:1 11:1", "0:1 3:1 6:1 10:1", "2:1 6:1 10:1 14:1"),
    "trap": ("0:16", "arpeggio 2", "0:4 6:4 10:6"),
}  # fmt: skip
STRUMMED = ("folk", "bossa nova")
ARPEGGIO = (0, 1, 2, 1)


def write_chords(score: Score, bar: int, section: Section, place: int) -> None:
    """Write one bar of the section's chord in its rhythm."""
    piece, style = score.piece, score.style
    rhythms = RHYTHMS[piece.style]
    rhythm = rhythms[section.pattern % len(rhythms)]
    keys = chord_keys(score, section, place)
    if rhythm.startswith("arpeggio"):
        step = int(rhythm.split()[1])
        for i, sixteenth in enumerate(range(0, 16, step)):
            key = keys[ARPEGGIO[i % 4] % len(keys)] + 12 * (i % 8 >= 4)
            score.note(CHANNELS["chords"], key, 84, bar, sixteenth, step * 1.4)
        return
    for note in rhythm.split():
        start, length = (float(value) for value in note.split(":"))
        accent = 10 if start % 8 == 0 else 0
        for string, key in enumerate(keys):
            late = string * STRUM if piece.style in STRUMMED else 0.0
            time, end = score.time(bar, start), score.time(bar, start + length)
            score.note_at(CHANNELS["chords"], key, 80 + accent, time + late, end - time)
            if style.doubled:
                delayed = time + DOUBLE_DELAY
                score.note_at(CHANNELS["double"], key, 76 + accent, delayed, end - time)


def chord_keys(score: Score, section: Section, place: int) -> list[int]:
    """Return the keys of a bar's chord: a power chord, or the voicing nearest to the one before."""
    piece = score.piece
    sizes = score.style.voices
    size = sizes[section.pattern % len(sizes)]
    if size == 2:
        lowest = POWER_LOWEST[piece.style]
        root = fold(score.pitch(section.degrees[place]), lowest, lowest + 11)
        return [root, root + 7, root + 12]
    keys: Sequence[int] = [CENTRE] * size
    for degree in section.degrees[: place + 1]:
        keys = lead_voices(keys, [score.pitch(degree + 2 * i) % 12 for i in range(size)])
    return list(keys)


def lead_voices(previous: Sequence[int], pitch_classes: Sequence[int]) -> list[int]:
    """Return the keys for `pitch_classes`, sorted, that together move least from `previous`.

    All voices are different, lie within two octaves around middle C and span at most 16 semitones.
    """
    options = [[key for key in range(52, 77) if key % 12 == pitch] for pitch in pitch_classes]
    best: tuple[float, list[int]] | None = None
    for combination in product(*options):
        keys = sorted(combination)
        if keys[-1] - keys[0] > 16 or any(b - a < 1 for a, b in pairwise(keys)):
            continue
        moved = sum(abs(a - b) for a, b in zip(sorted(previous), keys, strict=True))
        # Drifting up or down the keyboard costs a little too.
        cost = moved + 0.2 * abs(sum(keys) / len(keys) - CENTRE)
        if best is None or cost < best[0]:
            best = (cost, keys)
    assert best is not None
    return best[1]


def write_pad(score: Score, bar: int, section: Section, place: int) -> None:
    """Hold the triad for the whole bar, an octave lower where it is a supersaw."""
    keys: Sequence[int] = [CENTRE] * 3
    for degree in section.degrees[: place + 1]:
        keys = lead_voices(keys, [score.pitch(degree + 2 * i) % 12 for i in range(3)])
    lower = 12 if score.piece.programs["pad"] == SUPERSAW else 0
    for key in keys:
        score.note(CHANNELS["pad"], key - lower, 74, bar, 0, 16)


def fold(key: int, low: int, high: int) -> int:
    """Return `key` moved by octaves into [low, high]."""
    while key > high:
        key -= 12
    while key < low:
        key += 12
    return key
