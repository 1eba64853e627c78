"""Bass lines, one bar and one chord at a time, written as start:tone:length in sixteenths.

Tones: 1 root, 8 the octave above, 5 fifth, 3 third, 6 and 7 steps of the scale above the root,
a a step towards the next chord's root.
"""

from engine.training.corpus.composition import CHANNELS, Score
from engine.training.corpus.harmony import fold
from engine.training.corpus.sections import Section
from engine.training.corpus.styles import SUB_BASS

LOWEST, HIGHEST = 28, 50
SUB_LOWEST, SUB_HIGHEST = 26, 40

EIGHTHS = " ".join(f"{i}:1:2" for i in range(0, 16, 2))
OCTAVES = " ".join(f"{i}:{'1' if i % 4 == 0 else '8'}:2" for i in range(0, 16, 2))
SIXTEENTHS = " ".join(f"{i}:1:1" for i in range(16) if i % 4)

PATTERNS = {
    "ambient": ("0:1:16", "0:1:12 12:5:4"),
    "blues": ("0:1:4 4:3:4 8:5:4 12:6:4", "0:1:2 2:1:2 4:5:2 6:6:2 8:7:2 10:6:2 12:5:2 14:3:2"),
    "bossa nova": ("0:1:3 3:5:1 4:5:3 7:1:1 8:1:3 11:5:1 12:5:3", "0:1:6 6:5:2 8:5:6 14:a:2"),
    "chiptune": (OCTAVES, EIGHTHS),
    "disco": (OCTAVES, "0:1:2 2:8:2 4:1:1 6:8:2 8:1:2 10:8:2 12:5:1 13:7:1 14:8:2"),
    "drum and bass": ("0:1:6 6:1:2 10:5:4", "0:1:10 10:7:3 13:8:3", "0:1:3 3:1:3 10:1:6"),
    "folk": ("0:1:4 8:5:4", "0:1:4 4:5:4 8:1:4 12:5:4"),
    "funk": (
        "0:1:2 3:8:1 6:1:1 7:5:1 10:7:1 14:8:1", "0:1:1 1:1:1 4:8:1 7:7:1 8:5:2 11:1:1 14:5:1",
        "0:1:3 6:5:1 7:7:1 8:8:2 14:a:2",
    ),
    "hip hop": ("0:1:5 7:1:2 10:5:3", "0:1:6 10:8:2 13:5:2", "0:1:3 3:1:3 10:1:5"),
    "house": ("2:1:2 6:1:2 10:1:2 14:1:2", "2:1:2 6:8:2 10:1:2 14:8:2",
              "0:1:3 3:1:3 6:1:2 11:7:2 14:8:2"),
    "jazz": ("0:1:4 4:3:4 8:5:4 12:a:4", "0:1:4 4:5:4 8:8:4 12:a:4", "0:1:4 4:6:4 8:5:4 12:a:4"),
    "metal": (EIGHTHS, " ".join(f"{i}:1:1" for i in (0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15))),
    "orchestral": ("0:1:16", "0:1:8 8:5:8", "0:1:4 4:1:4 8:1:4 12:1:4"),
    "reggae": ("0:1:3 4:1:2 8:5:3 12:3:3", "4:1:2 6:3:2 8:5:4 14:a:2",
               "0:1:4 6:1:2 8:1:2 10:3:2 12:5:3"),
    "rock": (EIGHTHS, "0:1:2 2:1:2 4:1:2 6:1:2 8:1:2 10:1:2 12:5:2 14:a:2"),
    "synthwave": (EIGHTHS, OCTAVES),
    "techno": (SIXTEENTHS, "2:1:2 6:1:2 10:1:2 14:8:2", "0:1:1 3:1:1 6:1:1 9:1:1 11:8:1 14:1:1"),
    "trap": ("0:1:8 10:1:5", "0:1:3 3:1:5 10:8:2 13:5:3", "0:1:6 6:1:9"),
}  # fmt: skip


def write_bass(score: Score, bar: int, section: Section, place: int) -> None:
    """Write one bar of bass on the section's chord."""
    piece = score.piece
    variants = PATTERNS[piece.style]
    degree, following = section.degrees[place], section.next_degree(place)
    sub = piece.programs["bass"] == SUB_BASS
    low, high = (SUB_LOWEST, SUB_HIGHEST) if sub else (LOWEST, HIGHEST)
    root = fold(score.pitch(degree), low, low + 11)
    for note in variants[section.pattern % len(variants)].split():
        start, tone, length = note.split(":")
        if tone == "a":
            key = _approach(score, root, fold(score.pitch(following), low, low + 11))
        else:
            steps = {"1": 0, "3": 2, "5": 4, "6": 5, "7": 6, "8": 7}[tone]
            key = root + score.pitch(degree + steps) - score.pitch(degree)
        accent = 8 if start == "0" else 0
        key = key - 12 if key > high else key
        score.note(CHANNELS["bass"], key, 96 + accent, bar, float(start), float(length))


def _approach(score: Score, root: int, target: int) -> int:
    """Return the key of the scale next to `target`, on the side that `root` is on."""
    scale = {score.pitch(degree) % 12 for degree in range(7)}
    side = 1 if root > target else -1
    return next(key for key in (target + side, target + 2 * side) if key % 12 in scale)
