"""Who enters and leaves when, where everyone sits, and the dynamics as controllers."""

import math
import random

from engine.training.corpus.composition import (
    CHANNELS,
    DRUM_CHANNEL,
    VELOCITY_SHARE,
    Event,
    Score,
)
from engine.training.corpus.styles import Style

EXPRESSION, VOLUME, PAN = 11, 7, 10
CONTROLS_PER_SECOND = 40
VOLUMES = {"bass": (88, 108), "chords": (78, 100), "lead": (86, 108), "pad": (60, 84)}
PANS = {"bass": (64,), "chords": (32, 96, 64), "lead": (50, 78, 64), "pad": (64,)}
DRUM_VOLUMES = (78, 100)
DOUBLE_PANS = (16, 112)
ARRANGED = 0.5
"""How often a crescendo (and its like) is played by parts entering and leaving, too."""


def entries(
    roles: list[str], dynamics: str, bars: int, style: Style, rng: random.Random
) -> tuple[dict[str, int], dict[str, int]]:
    """Return the bars at which roles enter, and at which they leave, for those that do.

    What the style cannot do without plays throughout. Nobody enters after the middle, so that all
    that a piece says it has is heard.
    """
    movable = [role for role in roles if role not in style.always] if bars >= 3 else []
    rng.shuffle(movable)
    middle = max(1, bars // 2)
    late: dict[str, int] = {}
    early: dict[str, int] = {}
    if dynamics == "steady":
        if movable and rng.random() < 0.35:
            late[movable[0]] = rng.randint(1, middle)
    elif rng.random() < ARRANGED:
        for role in movable[:3]:
            if dynamics in ("crescendo", "swell"):
                late[role] = rng.randint(1, middle)
            if dynamics in ("decrescendo", "swell"):
                early[role] = rng.randint(middle + 1, max(middle + 1, bars - 1))
            if dynamics == "step up":
                late[role] = middle
            if dynamics == "step down":
                early[role] = middle
    return late, early


def set_up(score: Score) -> None:
    """Programs, volumes, places in the stereo picture, and the dynamics as expression."""
    rng, piece = random.Random(f"{score.piece.seed} mix"), score.piece
    events = score.events
    for role, program in piece.programs.items():
        channel = CHANNELS[role]
        pan = rng.choice(PANS[role])
        if role == "chords" and score.style.doubled:
            pan, other = DOUBLE_PANS
            double = CHANNELS["double"]
            events.append(Event(-1, "program", double, program))
            events.append(Event(-1, "control", double, VOLUME, rng.randint(*VOLUMES[role])))
            events.append(Event(-1, "control", double, PAN, other))
        events.append(Event(-1, "program", channel, program))
        events.append(Event(-1, "control", channel, VOLUME, rng.randint(*VOLUMES[role])))
        events.append(Event(-1, "control", channel, PAN, pan))
    if piece.drums:
        events.append(Event(-1, "program", DRUM_CHANNEL, score.style.kit or 0))
        events.append(Event(-1, "control", DRUM_CHANNEL, VOLUME, rng.randint(*DRUM_VOLUMES)))
    channels = [CHANNELS[role] for role in piece.programs]
    channels += [CHANNELS["double"]] * score.style.doubled + [DRUM_CHANNEL] * piece.drums
    pumping = {CHANNELS["chords"], CHANNELS["pad"]} if score.style.pump and piece.drums else set()
    for channel in channels:
        _move(score, channel, ducked=channel in pumping)


def _move(score: Score, channel: int, *, ducked: bool) -> None:
    """Write a channel's dynamics as expression, wherever it changes."""
    last = -1
    for i in range(int(score.seconds * CONTROLS_PER_SECOND) + 1):
        time = i / CONTROLS_PER_SECOND
        level = score.level_db(time) * (1 - VELOCITY_SHARE) + (_duck(score, time) if ducked else 0)
        # Synthesizers square the expression controller: 40 log10, not 20.
        value = max(6, min(127, int(127 * 10 ** (level / 40))))
        if value != last:
            score.events.append(Event(time, "control", channel, EXPRESSION, value))
            last = value


def _duck(score: Score, time: float) -> float:
    """Return the level in dB of what ducks under a kick on every beat."""
    phase = math.fmod(time - score.piece.offset, score.piece.beat) / score.piece.beat
    return 20 * math.log10(1 - score.style.pump * math.exp(-5 * phase))
