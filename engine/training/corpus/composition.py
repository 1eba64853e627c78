"""Seed -> a short piece of music: what it is (Composition) and what is played (events).

Everything is drawn from one generator, so a seed is a piece. Most clips start on a bar line; the
others start on a beat or anywhere, because clips cut by hand do.
"""

import math
import random
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.models.tags import DYNAMICS, NOTES
from engine.training.corpus.styles import INSTRUMENT_NAMES, SCALES, STYLES, Style

DRUM_CHANNEL = 9
CHANNELS = {"bass": 0, "chords": 1, "lead": 2, "pad": 3}
EXPRESSION, VOLUME, PAN = 11, 7, 10
BAR_ALIGNED = 0.85
STEADY_SHARE = 1 / 3


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

    `room` is the reverberation's share of the dry level, `level_db` the master's loudness.
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


@dataclass
class Score:
    """The events of one clip while it is written; positions are in sixteenths of a bar."""

    piece: Composition
    style: Style
    random: random.Random
    seconds: float
    events: list[Event] = field(default_factory=list)

    def time(self, bar: int, sixteenth: float) -> float:
        """Return when a sixteenth of a bar sounds, in seconds, swing included."""
        if self.style.swing and self.piece.style != "jazz" and int(sixteenth) % 2:
            sixteenth += self.style.swing
        return self.piece.offset + (bar * 4 + sixteenth / 4) * self.piece.beat

    def swung_eighth(self, bar: int, eighth: int) -> float:
        """Return when an eighth of a jazz bar sounds: the off-beats come late."""
        late = (1 + self.style.swing) / 2 if eighth % 2 else 0
        return self.piece.offset + (bar * 4 + eighth // 2 + late) * self.piece.beat

    def note(self, channel: int, key: int, velocity: float, time: float, length: float) -> None:
        """Play a key (MIDI number) at `time` for `length` seconds, shaped by the dynamics."""
        if time + length <= 0 or time >= self.seconds:
            return
        share = 10 ** (self.level_db(time) * 0.35 / 20)
        velocity = max(18, min(127, int(velocity * share + self.random.gauss(0, 4))))
        start = max(time, 0.0)
        self.events.append(Event(start, "on", channel, key, velocity))
        self.events.append(Event(start + max(length, 0.03), "off", channel, key))

    def drum(self, key: int, velocity: float, bar: int, sixteenth: float) -> None:
        """Hit a drum of the GM map."""
        self.note(DRUM_CHANNEL, key, velocity, self.time(bar, sixteenth), 0.1)

    def pitch(self, degree: int, octave: int = 0) -> int:
        """Return the pitch of a scale degree (0: the tonic), MIDI number modulo octave."""
        scale = SCALES[self.piece.mode]
        step = scale[degree % 7] + 12 * (degree // 7)
        return NOTES.index(self.piece.root) + step + 12 * octave

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
    from engine.training.corpus.drums import write_drums
    from engine.training.corpus.harmony import write_bass, write_chords, write_pad
    from engine.training.corpus.lead import write_lead

    rng = random.Random(seed)
    piece = _draw(seed, rng)
    style = STYLES[piece.style]
    score = Score(piece, style, rng, seconds)
    _set_up(score)
    progression = rng.choice(style.progressions)
    late = {role: rng.randrange(1, 3) if rng.random() < 0.15 else 0 for role in CHANNELS}
    habits = {"hats": rng.choice((8, 16)), "fill": rng.random() < 0.4, "bass": rng.randrange(3)}
    motif = [(rng.choice((0, 2, 4, 4, 6, 7, 1)), rng.choice((1, 1, 2, 3))) for _ in range(8)]
    rest, arpeggio = rng.random() * 0.35, rng.random() < 0.4
    bars = math.ceil((seconds - piece.offset) / (4 * piece.beat)) + 1
    for bar in range(bars):
        degree = progression[bar % len(progression)]
        playing = {role for role in piece.programs if bar >= late[role]}
        if piece.drums:
            write_drums(score, bar, habits)
        if "bass" in playing:
            write_bass(score, bar, degree, habits["bass"])
        if "chords" in playing:
            write_chords(score, bar, degree, arpeggio, habits["bass"])
        if "pad" in playing:
            write_pad(score, bar, degree)
        if "lead" in playing:
            write_lead(score, bar, degree, motif, rest)
    order = {"program": 0, "control": 0, "off": 1, "on": 2}
    return piece, sorted(score.events, key=lambda e: (e.time, order[e.kind]))


def _draw(seed: int, rng: random.Random) -> Composition:
    name = rng.choice(sorted(STYLES))
    style = STYLES[name]
    bpm = round(rng.uniform(*style.bpm))
    programs = {"bass": rng.choice(style.bass)} if rng.random() < 0.9 else {}
    if rng.random() < 0.85:
        programs["chords"] = rng.choice(style.chords)
    if rng.random() < 0.65:
        programs["lead"] = rng.choice(style.lead)
    if style.pad and rng.random() < 0.4:
        programs["pad"] = rng.choice(style.pad)
    drums = style.kit is not None and rng.random() < (0.5 if name == "orchestral" else 0.9)
    if not drums and not programs:
        programs["chords"] = rng.choice(style.chords)
    return Composition(
        seed=seed,
        style=name,
        bpm=bpm,
        root=rng.choice(NOTES),
        mode=rng.choice(style.modes),
        dynamics="steady" if rng.random() < STEADY_SHARE else rng.choice(DYNAMICS[1:]),
        depth=rng.uniform(8, 24),
        mood=rng.choice(style.moods),
        offset=_first_bar_line(rng, 60 / bpm),
        programs=programs,
        drums=drums,
        room=rng.uniform(0.2, 0.5) if name in ("ambient", "orchestral") else rng.uniform(0.02, 0.2),
        level_db=-15 + rng.uniform(-3, 2),
    )


def _first_bar_line(rng: random.Random, beat: float) -> float:
    if rng.random() < BAR_ALIGNED:
        return 0.0
    beats = rng.choice((1.0, 2.0, 3.0)) if rng.random() < 0.5 else rng.uniform(0, 4)
    return -beats * beat


def _set_up(score: Score) -> None:
    """Programs, volumes, places in the room, and the dynamics as expression at 20 Hz."""
    rng, piece = score.random, score.piece
    volumes = {"bass": (88, 110), "chords": (70, 95), "lead": (85, 108), "pad": (55, 80)}
    pans = {"bass": (64,), "chords": (30, 98, 64), "lead": (50, 78, 64), "pad": (64,)}
    for role, program in piece.programs.items():
        channel = CHANNELS[role]
        score.events.append(Event(-1, "program", channel, program))
        score.events.append(Event(-1, "control", channel, VOLUME, rng.randint(*volumes[role])))
        score.events.append(Event(-1, "control", channel, PAN, rng.choice(pans[role])))
    if piece.drums:
        score.events.append(Event(-1, "program", DRUM_CHANNEL, score.style.kit or 0))
        score.events.append(Event(-1, "control", DRUM_CHANNEL, VOLUME, rng.randint(88, 112)))
    for i in range(int(score.seconds * 20) + 1):
        # Synthesizers square the expression controller: 40 log10, not 20.
        value = int(127 * 10 ** (score.level_db(i / 20) * 0.65 / 40))
        for channel in (*CHANNELS.values(), DRUM_CHANNEL):
            score.events.append(
                Event(i / 20, "control", channel, EXPRESSION, max(6, min(127, value)))
            )
