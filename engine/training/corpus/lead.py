"""A lead line: one motif of chord and passing tones, repeated and turned around."""

from engine.training.corpus.composition import CHANNELS, Score

LOWEST = {"rock": 64, "jazz": 64}
BUSY = ("chiptune", "techno")


def write_lead(
    score: Score, bar: int, degree: int, motif: list[tuple[int, int]], rest: float
) -> None:
    """Write one bar.

    `motif` holds (scale step above the chord, length); `rest` is the share left out.

    Every fourth bar plays the motif backwards, so that the line has an answer.
    """
    style, beat = score.piece.style, score.piece.beat
    lowest = LOWEST.get(style, 72)
    notes = motif if bar % 4 != 3 else motif[::-1]
    stretch = (1 if style in BUSY else 2) * (2 if style == "ambient" else 1)
    position = index = 0
    while position < 16:
        step, length = notes[index % len(notes)]
        length *= stretch
        if score.random.random() > rest:
            key = lowest + (score.pitch(degree + step) - lowest) % 12 + 12 * (step >= 6)
            time = (
                score.swung_eighth(bar, position // 2)
                if style == "jazz"
                else score.time(bar, position)
            )
            score.note(CHANNELS["lead"], key, 96, time, length * beat / 4 * 0.93)
        position += length
        index += 1
