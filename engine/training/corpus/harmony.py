"""Bass, chords and pads, one bar and one chord at a time."""

from engine.training.corpus.composition import CHANNELS, Score

STRUM = 0.012
"""Seconds between the strings of a strummed chord."""


def write_bass(score: Score, bar: int, degree: int, habit: int) -> None:
    """Write one bar of bass on the chord of `degree`; `habit` (0 to 2) varies the pattern."""
    style = score.piece.style
    root = _fold(score.pitch(degree), 28, 50)
    fifth = root + 7 if root < 44 else root - 5
    beat = score.piece.beat

    def play(key: int, sixteenth: int, length: float, velocity: int = 100) -> None:
        seconds = length * beat / 4 * 0.92
        score.note(CHANNELS["bass"], key, velocity, score.time(bar, sixteenth), seconds)

    if style == "house":
        for quarter in range(4):
            play(root + (12 if habit == 1 and quarter % 2 else 0), 4 * quarter + 2, 1.8)
    elif style == "techno":
        for sixteenth in range(16):
            if sixteenth % 4 or habit == 2:
                play(root, sixteenth, 0.9, 88)
    elif style == "hip hop":
        play(root, 0, 5)
        play(root, score.random.choice((6, 7)), 2)
        play(score.random.choice((root, fifth, root + 12)), 10, 3)
    elif style in ("rock", "chiptune"):
        for sixteenth in range(0, 16, 2):
            play(root if style == "rock" or sixteenth % 4 == 0 else root + 12, sixteenth, 1.9)
    elif style == "jazz":
        third = _fold(score.pitch(degree + 2), 28, 55)
        approach = root + score.random.choice((-1, 1, 2, 11))
        for quarter, key in enumerate((root, third, fifth, approach)):
            play(max(28, min(55, key)), 4 * quarter, 4)
    elif style == "funk":
        line = ((0, root), (3, root + 12), (6, root), (7, fifth), (10, root + 10), (14, root + 12))
        for sixteenth, key in line:
            if score.random.random() < 0.85:
                play(key, sixteenth, 1.1, 108)
    elif style == "folk":
        for quarter, key in enumerate((root, fifth, root, fifth)):
            if quarter % 2 == 0 or habit:
                play(key, 4 * quarter, 4, 92)
    else:
        play(root, 0, 16, 80 if style == "ambient" else 96)


def write_chords(score: Score, bar: int, degree: int, arpeggio: bool, habit: int) -> None:
    """Write one bar of chords on `degree` in the rhythm of the style."""
    style, beat, rng = score.piece.style, score.piece.beat, score.random
    keys = _voicing(score, degree)

    def strike(sixteenth: int, sixteenths: float, velocity: int = 84, strum: float = 0.0) -> None:
        for string, key in enumerate(keys):
            time = score.time(bar, sixteenth) + string * strum
            score.note(CHANNELS["chords"], key, velocity, time, sixteenths * beat / 4)

    def single(key: int, sixteenth: int, sixteenths: float, velocity: int) -> None:
        time = score.time(bar, sixteenth)
        score.note(CHANNELS["chords"], key, velocity, time, sixteenths * beat / 4)

    if style == "house":
        for sixteenth in (0, 3, 6, 10, 13):
            strike(sixteenth, 1.6)
    elif style == "techno":
        for sixteenth in (2, 5, 11):
            strike(sixteenth, 0.9, 80)
    elif style == "hip hop":
        strike(0, 7.2)
        strike(10, 4.8, 70)
    elif style == "rock":
        for sixteenth, length in (
            [(s, 1.7) for s in range(0, 16, 2)] if habit == 0 else [(0, 11.6), (12, 3.6)]
        ):
            strike(sixteenth, length, 97)
    elif style == "jazz":
        for eighth in rng.choice(((0, 3), (1, 4), (3, 6), (0, 5))):
            for key in keys:
                time = score.swung_eighth(bar, eighth)
                score.note(CHANNELS["chords"], key, 70, time, 0.6 * beat)
    elif style == "chiptune":
        for sixteenth in range(16):
            key = keys[sixteenth % len(keys)] + 12 * (sixteenth % 8 >= 4)
            single(key, sixteenth, 0.9, 70)
    elif style == "funk":
        for sixteenth in rng.choice(((2, 5, 10, 13), (0, 3, 6, 11))):
            strike(sixteenth, 0.7, 90)
    elif style == "folk" and arpeggio:
        for i, sixteenth in enumerate(range(0, 16, 2)):
            single(keys[(0, 2, 1, 2)[i % 4] % len(keys)], sixteenth, 3.2, 88)
    elif style == "folk":
        for sixteenth in (0, 4, 6, 10, 12, 14):
            strike(sixteenth, 2.8, 80 if sixteenth % 4 else 95, STRUM)
    else:
        strike(0, 16, 78)


def write_pad(score: Score, bar: int, degree: int) -> None:
    """Hold the triad for the whole bar."""
    lower = 12 * (score.random.random() < 0.2)
    for third in (0, 2, 4):
        key = _fold(score.pitch(degree + third), 60, 71) - lower
        score.note(CHANNELS["pad"], key, 72, score.time(bar, 0), 4 * score.piece.beat)


def _voicing(score: Score, degree: int) -> list[int]:
    """Return the chord's keys: close position around middle C, or a low power chord."""
    voices = score.random.choice(score.style.voices)
    if voices == 0:
        root = _fold(score.pitch(degree), 40, 51)
        return [root, root + 7, root + 12]
    keys = [_fold(score.pitch(degree + 2 * i), 60, 71) for i in range(voices)]
    return [key + 12 * (i > 2) for i, key in enumerate(keys)]


def _fold(key: int, low: int, high: int) -> int:
    """Return `key` moved by octaves into [low, high]."""
    while key > high:
        key -= 12
    while key < low:
        key += 12
    return key
