"""Seed -> a short piece of music: what it is (Composition) and what is played (events).

Everything is drawn from generators seeded by the seed, so a seed is a piece. Most clips start on a
bar line; the others start on a beat or anywhere, because clips cut by hand do.
"""

import math
import random
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.models.tags import DYNAMICS, NOTES
from engine.training.corpus.styles import INSTRUMENT_NAMES, SCALES, STYLES, Style

DRUM_CHANNEL = 9
CHANNELS = {"bass": 0, "chords": 1, "lead": 2, "pad": 3, "double": 4}
"""`double` plays the chords of doubled styles once more, on the other side."""
BAR_ALIGNED = 0.85
STEADY_SHARE = 1 / 3
FORMS = ("AABA", "AABB", "ABAB", "AAAB", "ABAC", "ABCA", "AAAA")
VELOCITY_SHARE = 0.35
"""How much of the dynamics, in dB, is played (and changes the timbre); the rest is volume."""


class Event(NamedTuple):
    """One instruction to the synthesizer at `time` seconds: on, off, control or program."""

    time: float
    kind: str
    channel: int
    number: int
    value: int = 0


@dataclass(frozen=True)
class Composition:
    """What a clip is. `offset` is the time of its first bar line in seconds, at most 0.

    `form` has one letter per phrase of `phrase_bars` bars and repeats; equal letters are played
    alike. `late` and `early_out` map roles to the bar they enter and the bar they leave. `room` is
    the reverberation's share of the dry level, `level_db` the master's loudness.
    """

    seed: int
    style: str
    bpm: int
    root: str
    mode: str
    dynamics: str
    depth: float
    mood: str
    offset: float
    programs: dict[str, int]
    drums: bool
    form: str
    phrase_bars: int
    late: dict[str, int]
    early_out: dict[str, int]
    room: float
    level_db: float

    @property
    def instruments(self) -> tuple[str, ...]:
        """Return the names of what plays, sorted."""
        names = {INSTRUMENT_NAMES[p] for p in self.programs.values()}
        return tuple(sorted(names | ({"drums"} if self.drums else set())))

    @property
    def beat(self) -> float:
        """Return the length of a beat in seconds."""
        return 60 / self.bpm

    def letter(self, bar: int) -> str:
        """Return the letter of the form that a bar belongs to."""
        return self.form[bar // self.phrase_bars % len(self.form)]

    def plays(self, role: str, bar: int) -> bool:
        """Return whether a role plays in a bar."""
        present = self.drums if role == "drums" else role in self.programs
        return present and self.late.get(role, 0) <= bar < self.early_out.get(role, 10**6)


@dataclass
class Score:
    """The events of one clip while it is written; positions are in sixteenths of a bar.

    `random` is for small human differences only: what is played comes from a section's own draws.
    """

    piece: Composition
    style: Style
    random: random.Random
    seconds: float
    events: list[Event] = field(default_factory=list)

    def time(self, bar: int, sixteenth: float) -> float:
        """Return when a sixteenth of a bar sounds, in seconds, swing included."""
        unit, swing = self.style.swing_unit, self.style.swing
        pair, within = divmod(sixteenth, 2 * unit)
        # The first of the pair is stretched, the second squeezed: longer notes keep their ends.
        if within <= unit:
            within *= 1 + swing
        else:
            within = unit * (1 + swing) + (within - unit) * (1 - swing)
        return self.piece.offset + (bar * 4 + (pair * 2 * unit + within) / 4) * self.piece.beat

    def note(
        self, channel: int, key: int, velocity: float, bar: int, start: float, length: float
    ) -> None:
        """Play a key (MIDI number) from a sixteenth on for `length` sixteenths."""
        time, end = self.time(bar, start), self.time(bar, start + length)
        self.note_at(channel, key, velocity, time, end - time)

    def note_at(self, channel: int, key: int, velocity: float, time: float, length: float) -> None:
        """Play a key at `time` for `length` seconds, shaped by the dynamics."""
        if time + length <= 0 or time >= self.seconds:
            return
        share = 10 ** (self.level_db(time) * VELOCITY_SHARE / 20)
        loud = max(14, min(127, int(velocity * share + self.random.gauss(0, 3))))
        start = max(time, 0.0)
        length = length - (start - time)
        self.events.append(Event(start, "on", channel, key, loud))
        self.events.append(Event(start + max(length * 0.96, 0.03), "off", channel, key))

    def pitch(self, degree: int) -> int:
        """Return the pitch of a scale degree (0: the tonic), as a key of the lowest octave."""
        scale = SCALES[self.piece.mode]
        return NOTES.index(self.piece.root) + scale[degree % 7] + 12 * (degree // 7)

    def level_db(self, time: float) -> float:
        """Return the dynamics at `time`, in dB below the loudest."""
        return dynamics_db(self.piece.dynamics, time / self.seconds, self.piece.depth)


def dynamics_db(shape: str, position: float, depth: float) -> float:
    """Return the level of a dynamics shape at `position` in [0, 1], in dB; 0 is the loudest."""
    u = min(max(position, 0.0), 1.0)
    return (
        -depth
        * {
            "steady": 0.0,
            "crescendo": 1 - u,
            "decrescendo": u,
            "swell": abs(2 * u - 1),
            "dip": 1 - abs(2 * u - 1),
            "step up": float(u < 0.5),
            "step down": float(u >= 0.5),
        }[shape]
    )


def compose(seed: int, seconds: float = 6.0) -> tuple[Composition, list[Event]]:
    """Return the piece of a seed and its events, sorted by time."""
    from engine.training.corpus.arrangement import set_up
    from engine.training.corpus.bass import write_bass
    from engine.training.corpus.drums import write_drums
    from engine.training.corpus.harmony import write_chords, write_pad
    from engine.training.corpus.lead import write_lead
    from engine.training.corpus.sections import draw_sections

    piece = _draw(seed, random.Random(seed), seconds)
    score = Score(piece, STYLES[piece.style], random.Random(f"{seed} touch"), seconds)
    set_up(score)
    sections = draw_sections(piece)
    for bar in range(bars_of(piece.offset, piece.beat, seconds)):
        section, place = sections[piece.letter(bar)], bar % piece.phrase_bars
        writers = {
            "drums": write_drums, "bass": write_bass, "chords": write_chords, "pad": write_pad,
            "lead": write_lead,
        }  # fmt: skip
        for role, write in writers.items():
            if piece.plays(role, bar):
                write(score, bar, section, place)
    order = {"program": 0, "control": 0, "off": 1, "on": 2}
    return piece, sorted(score.events, key=lambda e: (e.time, order[e.kind]))


def bars_of(offset: float, beat: float, seconds: float) -> int:
    """Return how many bars begin before the clip's end."""
    return math.ceil((seconds - offset) / (4 * beat) - 1e-9)


def _draw(seed: int, rng: random.Random, seconds: float) -> Composition:
    from engine.training.corpus.arrangement import entries

    name = rng.choice(sorted(STYLES))
    style = STYLES[name]
    bpm = round(rng.uniform(*style.bpm))
    chances = {"bass": 0.88, "chords": 0.88, "lead": 0.6, "pad": 0.4}
    programs = {
        role: rng.choice(choices)
        for role, chance in chances.items()
        for choices in [getattr(style, role)]
        if choices and (rng.random() < chance or role in style.always)
    }
    drums = style.kit is not None and ("drums" in style.always or rng.random() < 0.6)
    offset = _first_bar_line(rng, 60 / bpm)
    dynamics = "steady" if rng.random() < STEADY_SHARE else rng.choice(DYNAMICS[1:])
    roles = [*programs, *(["drums"] if drums else [])]
    late, early_out = entries(roles, dynamics, bars_of(offset, 60 / bpm, seconds), style, rng)
    return Composition(
        seed=seed,
        style=name,
        bpm=bpm,
        root=rng.choice(NOTES),
        mode=rng.choice(style.modes),
        dynamics=dynamics,
        depth=rng.uniform(8, 24),
        mood=rng.choice(style.moods),
        offset=offset,
        programs=programs,
        drums=drums,
        form=rng.choice(FORMS),
        phrase_bars=rng.choice((1, 2, 2) if bpm >= 100 else (1, 1, 2)),
        late=late,
        early_out=early_out,
        room=rng.uniform(*style.room),
        level_db=-15 + rng.uniform(-3, 2),
    )


def _first_bar_line(rng: random.Random, beat: float) -> float:
    if rng.random() < BAR_ALIGNED:
        return 0.0
    beats = rng.choice((1.0, 2.0, 3.0)) if rng.random() < 0.5 else rng.uniform(0, 4)
    return -beats * beat
