"""A lead line that can be sung: chord tones on the strong beats, steps between, room to breathe."""

import random

from engine.training.corpus.composition import CHANNELS, Score
from engine.training.corpus.sections import Section

LOWEST = {"rock": 64, "metal": 64, "jazz": 60, "reggae": 57, "blues": 62, "orchestral": 67}
DEFAULT_LOWEST = 69
RANGE = 15
"""Semitones above the lowest note: a tenth, what a voice is comfortable with."""
CALM = ((0, 4, 8, 12), (0, 6, 8), (0, 4, 6, 8), (0, 8, 12), (2, 4, 8, 14), (0, 12))
BUSY = (
    (0, 2, 4, 6, 8, 10, 12, 14), (0, 3, 6, 8, 10, 14), (0, 2, 3, 6, 8, 11, 12), (0, 4, 6, 7, 8, 12),
    (0, 2, 4, 8, 10, 12), (0, 3, 6, 10, 12, 13, 14),
)  # fmt: skip
SLOW = ((0,), (0, 8), (4,), (0, 12), (0, 10))
STRONG = (0, 8)
STEPS = (-2, -1, -1, -1, 1, 1, 1, 2)
CHORD_TONES = (0, 2, 4)
SWUNG = ("jazz", "blues")


def write_lead(score: Score, bar: int, section: Section, place: int) -> None:
    """Write one bar of the section's tune. Its last note of the phrase is long, on a chord tone."""
    rng = random.Random(f"{section.seed} tune")
    notes: list[tuple[int, int, float]] = []
    for earlier in range(place + 1):
        notes = _bar_of(score, section, earlier, rng)
    for start, key, length in notes:
        accent = 8 if start in STRONG else 0
        score.note(CHANNELS["lead"], key, 90 + accent, bar, start, length)


def _bar_of(
    score: Score, section: Section, place: int, rng: random.Random
) -> list[tuple[int, int, float]]:
    """Return (start, key, length) of one bar's notes. Draws from `rng`, bar after bar."""
    piece = score.piece
    busy = score.style.busy
    rhythms = SLOW if rng.random() > busy + 0.5 else BUSY if rng.random() < busy else CALM
    starts = list(rng.choice(rhythms))
    if piece.style in SWUNG:
        starts = sorted({start // 2 * 2 for start in starts})
    last = place == piece.phrase_bars - 1
    if last and len(starts) > 2:
        starts = [start for start in starts if start <= 8]
    degree = section.degrees[place]
    # The scale step that the line stands on, counted from the chord's root.
    step = rng.choice(CHORD_TONES) + 7 * (rng.random() < 0.3)
    notes: list[tuple[int, int, float]] = []
    for i, start in enumerate(starts):
        step += rng.choice(STEPS) if i else 0
        ends = last and i == len(starts) - 1
        if start in STRONG or ends:
            step = _nearest_chord_tone(step)
        until = starts[i + 1] if i + 1 < len(starts) else 16
        length = (until - start) * (0.95 if until - start <= 4 else 0.8)
        notes.append((start, _in_range(score, degree + step), length))
        if rng.random() < 0.12 and not ends:
            notes.pop()  # a breath
    return notes


def _nearest_chord_tone(step: int) -> int:
    """Return the chord tone, in scale steps above the root, that is nearest to `step`."""
    tones = (tone + 7 * octave for tone in CHORD_TONES for octave in (-1, 0, 1, 2))
    return min(tones, key=lambda tone: abs(tone - step))


def _in_range(score: Score, degree: int) -> int:
    """Return the key of a scale degree in the lead's range."""
    lowest = LOWEST.get(score.piece.style, DEFAULT_LOWEST)
    key = score.pitch(degree % 7) + 12 * (degree // 7) + 60
    while key < lowest:
        key += 12
    while key >= lowest + RANGE:
        key -= 12
    return key
