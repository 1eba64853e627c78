"""Drum patterns on the GM drum map, one bar at a time, written as sixteen characters.

X accent, x hit, o soft, g ghost (played six times in ten), r two thirty-seconds, . nothing.
"""

import random

from engine.training.corpus.composition import DRUM_CHANNEL, Score
from engine.training.corpus.sections import Section

DRUMS = {
    "kick": 36, "rim": 37, "snare": 38, "clap": 39, "electric snare": 40, "hat": 42,
    "pedal": 44, "open": 46, "crash": 49, "ride": 51, "bell": 53, "tambourine": 54,
    "shaker": 70, "clave": 75, "high conga": 63, "low conga": 64, "timpani": 47,
}  # fmt: skip
TOMS = (50, 48, 45, 41)
VELOCITIES = {"X": 116, "x": 98, "o": 70, "g": 42, "r": 76}
GHOST_CHANCE = 0.6

Pattern = dict[str, str]

PATTERNS: dict[str, tuple[Pattern, ...]] = {
    "blues": (
        {"kick": "X.......X.......", "snare": "....X.......X...", "ride": "X.o.x.o.X.o.x.o."},
        {"kick": "X.....o.X.......", "snare": "....X..g....X..g", "hat": "x.o.x.o.x.o.x.o."},
        {"kick": "X...o...X...o...", "snare": "....X.......X.g.", "hat": "x.o.x.o.x.o.x.o."},
    ),
    "bossa nova": (
        {"kick": "X..xX..xX..xX..x", "rim": "x..x..x...x..x..", "hat": "x.o.x.o.x.o.x.o."},
        {"kick": "X..oX..oX..oX..o", "rim": "..x...x...x..x..", "shaker": "xoxoxoxoxoxoxoxo"},
        {"kick": "X..xX..xX..xX..x", "rim": "x..x...x..x.x...", "hat": "xoooxoooxoooxooo"},
    ),
    "chiptune": (
        {"kick": "X.....x.X.......", "electric snare": "....X.......X...",
         "hat": "x.x.x.x.x.x.x.x."},
        {"kick": "X..x..x.X..x....", "electric snare": "....X.......X..x",
         "hat": "xoxoxoxoxoxoxoxo"},
        {"kick": "X.x...x.X.x.....", "electric snare": "....X.......X...",
         "hat": "..x...x...x...x."},
    ),
    "disco": (
        {"kick": "X...X...X...X...", "snare": "....x.......x...", "open": "..x...x...x...x.",
         "hat": "x...x...x...x..."},
        {"kick": "X...X...X...X...", "clap": "....X.......X...", "open": "..x...x...x...x.",
         "tambourine": "x.oox.oox.oox.oo"},
        {"kick": "X...X...X...X...", "snare": "....X..g....X.g.", "hat": "xox.xox.xox.xox.",
         "open": "...x...x...x...x"},
    ),
    "drum and bass": (
        {"kick": "X.........X.....", "snare": "....X..g.g..X...", "hat": "x.x.x.x.x.x.x.x."},
        {"kick": "X.x.......X.....", "snare": "....X..g....X..g", "ride": "x.x.x.x.x.x.x.x."},
        {"kick": "X......x..X.....", "snare": "....X....g..X.g.", "hat": "xoxoxoxoxoxoxoxo"},
    ),
    "funk": (
        {"kick": "X..x......x.....", "snare": "....X..g.g..X..g", "hat": "xoxoxoxoxoxoxoxo"},
        {"kick": "X.....x...x.....", "snare": "....X..g....X.g.", "hat": "xoxoxoxoxoxoxo..",
         "open": "..............x."},
        {"kick": "X.x....x..x.....", "snare": "....X.....g.X...", "hat": "x.oxx.oxx.oxx.ox"},
    ),
    "hip hop": (
        {"kick": "X.........x.....", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
        {"kick": "X......x..x.....", "snare": "....X.......X..g", "hat": "x.x.x.xox.x.x.x."},
        {"kick": "X..x......x.....", "snare": "....X.......X...", "hat": "x.o.x.o.x.o.x.oo"},
        {"kick": "X.....x.x.......", "snare": "....X..g....X...", "hat": "x.x.x.x.x.x.x..."},
    ),
    "house": (
        {"kick": "X...X...X...X...", "clap": "....x.......x...", "open": "..x...x...x...x."},
        {"kick": "X...X...X...X...", "clap": "....x.......x..o", "open": "..x...x...x...x.",
         "hat": "oo.ooo.ooo.ooo.o"},
        {"kick": "X...X...X...X..o", "clap": "....x.......x...", "open": "..x...x...x...x.",
         "shaker": "oxoooxoooxoooxoo"},
    ),
    "jazz": (
        {"ride": "x...X.o.x...X.o.", "pedal": "....x.......x...", "kick": "o...o...o...o..."},
        {"ride": "x...X.o.x...X.o.", "pedal": "....x.......x...", "snare": "......g.....g...",
         "kick": "o.......o......."},
        {"ride": "x.o.X.o.x.o.X...", "pedal": "....x.......x...", "snare": "..g...........g."},
    ),
    "metal": (
        {"kick": "xxxxxxxxxxxxxxxx", "snare": "....X.......X...", "ride": "X...X...X...X..."},
        {"kick": "X.xxX.xxX.xxX.xx", "snare": "....X.......X...", "crash": "X...X...X...X..."},
        {"kick": "X.xxx.x.X.xxx.x.", "snare": "....X.......X...", "hat": "X.x.X.x.X.x.X.x."},
    ),
    "orchestral": (
        {"timpani": "X...............", "crash": "x..............."},
        {"timpani": "X.......x...x.x."},
        {"timpani": "X.....x.X......."},
    ),
    "reggae": (
        {"kick": "........X.......", "rim": "........X.......", "hat": "x.o.x.o.x.o.x.o."},
        {"kick": "X.......X.......", "rim": "........X.......", "hat": "..x...x...x...x."},
        {"kick": "........X.....o.", "rim": "...x....X.....x.", "hat": "xoxoxoxoxoxoxoxo"},
    ),
    "rock": (
        {"kick": "X.......X.......", "snare": "....X.......X...", "hat": "X.x.X.x.X.x.X.x."},
        {"kick": "X.....x.X.x.....", "snare": "....X.......X...", "hat": "X.x.X.x.X.x.X.x."},
        {"kick": "X..x....X.x.....", "snare": "....X.......X..g", "ride": "X.x.X.x.X.x.X.x."},
    ),
    "synthwave": (
        {"kick": "X.......X.......", "electric snare": "....X.......X...",
         "hat": "x.x.x.x.x.x.x.x."},
        {"kick": "X...X...X...X...", "electric snare": "....X.......X...",
         "hat": "..x...x...x...x."},
        {"kick": "X.....x.X.......", "electric snare": "....X.......X.x.",
         "hat": "xoxoxoxoxoxoxoxo"},
    ),
    "techno": (
        {"kick": "X...X...X...X...", "hat": "..x...x...x...x."},
        {"kick": "X...X...X...X...", "hat": "oox.oox.oox.oox.", "clap": "....x.......x..."},
        {"kick": "X...X...X...X...", "open": "..x...x...x...x.", "hat": "o.oo.ooo.oo.oooo",
         "rim": "...x..x....x...."},
    ),
    "trap": (
        {"kick": "X.........x.....", "clap": "........X.......", "hat": "x.x.x.x.x.r.x.x."},
        {"kick": "X..x......x..x..", "clap": "........X.......", "hat": "x.xrx.x.x.x.rrx."},
        {"kick": "X.....x.........", "clap": "........X.....o.", "hat": "x.x.r.x.x.x.x.rr"},
    ),
}  # fmt: skip

FILLS: dict[str, tuple[Pattern, ...]] = {
    "electronic": (
        {"electric snare": "............oxxX", "kick": "X...X...X......."},
        {"clap": "....x.......x.xx"},
        {"kick": "X...X...X......."},
    ),
    "trap": ({"snare": "............rrrr"}, {"hat": "x.x.x.x.rrrrrrrr"}),
}  # fmt: skip
ELECTRONIC = ("chiptune", "disco", "house", "synthwave", "techno")
NO_FILLS = ("bossa nova", "jazz", "orchestral", "reggae")


def write_drums(score: Score, bar: int, section: Section, place: int) -> None:
    """Write one bar of the section's pattern; its last bar may be a fill, its first has a crash."""
    style, piece = score.piece.style, score.piece
    variants = PATTERNS[style]
    pattern = dict(variants[section.pattern % len(variants)])
    last = place == piece.phrase_bars - 1
    fills = section.fill and last and style not in NO_FILLS
    toms = fills and style not in (*ELECTRONIC, "trap")
    if fills and not toms:
        kind = "trap" if style == "trap" else "electronic"
        pattern |= random.Random(f"{section.seed} fill").choice(FILLS[kind])
    touch = random.Random(f"{section.seed} ghosts")
    for name, hits in pattern.items():
        for sixteenth, hit in enumerate(hits):
            if hit == "." or (hit == "g" and touch.random() > GHOST_CHANCE):
                continue
            if toms and sixteenth >= 12 and name not in ("kick", "hat"):
                continue
            _hit(score, DRUMS[name], VELOCITIES[hit], bar, sixteenth)
            if hit == "r":
                _hit(score, DRUMS[name], VELOCITIES[hit] - 12, bar, sixteenth + 0.5)
    if toms:
        for tom, sixteenth in zip(TOMS, (12, 13, 14, 15), strict=True):
            _hit(score, tom, 104, bar, sixteenth)
    if style in ("rock", "metal", "disco", "drum and bass") and bar == 0 and section.pattern % 2:
        _hit(score, DRUMS["crash"], 96, bar, 0)


def _hit(score: Score, key: int, velocity: float, bar: int, sixteenth: float) -> None:
    score.note_at(DRUM_CHANNEL, key, velocity, score.time(bar, sixteenth), 0.1)
