"""Drum patterns, one bar at a time, on the GM drum map."""

from engine.training.corpus.composition import Score

KICK, SNARE, CLAP, E_SNARE, RIM_HAT, PEDAL_HAT, OPEN_HAT = 36, 38, 39, 40, 42, 44, 46
LOW_TOM, CRASH, RIDE, TIMPANI = 45, 49, 51, 47
TOMS = (50, 48, 45, 41)


def write_drums(score: Score, bar: int, habits: dict[str, int]) -> None:
    """Write one bar of the style's drums. `habits`: hats (8 or 16 a bar), fill (0 or 1)."""
    style = score.piece.style
    if style in ("house", "techno"):
        _four_on_the_floor(score, bar, habits["hats"])
    elif style == "hip hop":
        _boom_bap(score, bar, habits["hats"])
    elif style in ("rock", "chiptune"):
        _rock(score, bar, habits)
    elif style == "jazz":
        _swing(score, bar)
    elif style == "funk":
        _funk(score, bar)
    elif style == "orchestral":
        score.drum(TIMPANI, 90, bar, 0)
        if bar % 2 == 0:
            score.drum(CRASH, 80, bar, 0)


def _four_on_the_floor(score: Score, bar: int, hats: int) -> None:
    house = score.piece.style == "house"
    for beat in range(4):
        score.drum(KICK, 118, bar, 4 * beat)
        score.drum(OPEN_HAT if house else RIM_HAT, 88, bar, 4 * beat + 2)
    if house or hats == 8:
        for sixteenth in (4, 12):
            score.drum(CLAP, 100, bar, sixteenth)
    if hats == 16:
        for sixteenth in range(16):
            if sixteenth % 4 != 2:
                score.drum(RIM_HAT, 55 + score.random.randint(0, 20), bar, sixteenth)


def _boom_bap(score: Score, bar: int, hats: int) -> None:
    for sixteenth in score.random.choice(((0, 10), (0, 7, 10), (0, 3, 10), (0, 6, 8))):
        score.drum(KICK, 115, bar, sixteenth)
    for sixteenth in (4, 12):
        score.drum(SNARE, 108, bar, sixteenth)
    for sixteenth in range(0, 16, 2 if hats == 8 else 1):
        if score.random.random() < 0.92:
            score.drum(RIM_HAT, 60 + score.random.randint(0, 25), bar, sixteenth)


def _rock(score: Score, bar: int, habits: dict[str, int]) -> None:
    for sixteenth in (0, 8) if score.random.random() < 0.5 else (0, 6, 8, 10):
        score.drum(KICK, 116, bar, sixteenth)
    for sixteenth in (4, 12):
        score.drum(SNARE if score.piece.style == "rock" else E_SNARE, 114, bar, sixteenth)
    for sixteenth in range(0, 16, 2):
        cymbal = RIM_HAT if habits["hats"] == 8 else RIDE
        score.drum(cymbal, 82 + 12 * (sixteenth % 4 == 0), bar, sixteenth)
    if bar % 4 == 0:
        score.drum(CRASH, 100, bar, 0)
    if habits["fill"] and bar % 4 == 3:
        for tom, sixteenth in zip(TOMS, (12, 13, 14, 15), strict=True):
            score.drum(tom, 105, bar, sixteenth)


def _swing(score: Score, bar: int) -> None:
    def hit(key: int, velocity: int, eighth: int) -> None:
        score.note(9, key, velocity, score.swung_eighth(bar, eighth), 0.1)

    for eighth in (0, 2, 3, 4, 6, 7):
        hit(RIDE, 78 + 12 * (eighth in (2, 6)), eighth)
    for eighth in (2, 6):
        hit(PEDAL_HAT, 80, eighth)
    if score.random.random() < 0.5:
        hit(SNARE, 50, score.random.choice((1, 3, 5, 7)))
    hit(KICK, 45, 0)


def _funk(score: Score, bar: int) -> None:
    for sixteenth in score.random.choice(((0, 3, 10), (0, 6, 10), (0, 2, 7, 10))):
        score.drum(KICK, 112, bar, sixteenth)
    for sixteenth in (4, 12):
        score.drum(SNARE, 112, bar, sixteenth)
    for sixteenth in (7, 9, 15):
        if score.random.random() < 0.5:
            score.drum(SNARE, 45, bar, sixteenth)  # ghost notes
    for sixteenth in range(16):
        score.drum(RIM_HAT, 55 + 25 * (sixteenth % 2 == 0), bar, sixteenth)
