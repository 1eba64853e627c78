"""One letter of a form: chords, rhythms and a tune of its own, the same whenever it returns."""

import random
from dataclasses import dataclass

from engine.training.corpus.composition import Composition
from engine.training.corpus.styles import STYLES


@dataclass(frozen=True)
class Section:
    """What a letter of the form plays, per bar of its phrase.

    `degrees` are the chords and `following` the chord after the phrase, `pattern` selects a
    variant of each rhythm table, `seed` gives the tune, and `fill` says whether its last bar leads
    over to the next phrase.
    """

    letter: str
    degrees: tuple[int, ...]
    following: int
    pattern: int
    fill: bool
    seed: str

    def next_degree(self, place: int) -> int:
        """Return the chord after bar `place` of the phrase."""
        return self.degrees[place + 1] if place + 1 < len(self.degrees) else self.following


def draw_sections(piece: Composition) -> dict[str, Section]:
    """Return the sections of a piece by letter. The first letter always opens on the tonic's bar.

    B goes on in A's progression, C starts another, so that chords alone tell letters apart.
    """
    rng = random.Random(f"{piece.seed} sections")
    style = STYLES[piece.style]
    first = rng.choice(style.progressions)
    other = rng.choice([p for p in style.progressions if p != first])
    base = rng.randrange(100)
    same_rhythm = rng.random() < 0.6
    chords = {"A": first, "B": first[2:] + first[:2], "C": other}
    sections = {}
    for number, letter in enumerate(sorted(set(piece.form))):
        degrees = chords[letter][: piece.phrase_bars]
        sections[letter] = Section(
            letter=letter,
            degrees=degrees,
            following=chords["A"][0],
            pattern=base if same_rhythm else base + number,
            fill=rng.random() < 0.35,
            seed=f"{piece.seed} {letter}",
        )
    return sections
