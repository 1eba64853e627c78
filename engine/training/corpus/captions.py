"""What a person might type for a piece: tags or a sentence, each part present or not."""

import random

from engine.models.tags import DYNAMICS_SYNONYMS, INSTRUMENT_SYNONYMS, STYLE_SYNONYMS
from engine.training.corpus.composition import Composition


def caption(piece: Composition, rng: random.Random) -> str:
    """Return one prompt for `piece`; other draws of `rng` give other words for the same music."""
    style = _say(piece.style, STYLE_SYNONYMS, rng)
    mood = piece.mood if rng.random() < 0.6 else ""
    tempo = rng.choice((f"{piece.bpm} bpm", f"{piece.bpm} BPM", pace(piece.bpm), ""))
    quality = "minor" if piece.mode in ("minor", "dorian") else "major"
    key = rng.choice((f"in {piece.root} {quality}", quality, "", ""))
    players = [_say(name, INSTRUMENT_SYNONYMS, rng) for name in piece.instruments]
    rng.shuffle(players)
    players = players[: rng.randint(0, 4)]
    dynamics = ""
    if piece.dynamics != "steady" and rng.random() < 0.6:
        dynamics = _say(piece.dynamics, DYNAMICS_SYNONYMS, rng)
    if rng.random() < 0.5:
        parts = [style, mood, tempo, key, *players, dynamics]
        rng.shuffle(parts)
        return ", ".join(part for part in parts if part)
    sentence = f"{mood} {style} {rng.choice(('track', ''))}".strip()
    if players:
        sentence += " with " + " and ".join(filter(None, (", ".join(players[:-1]), players[-1])))
    tempo = f"at {tempo}" if "bpm" in tempo.lower() else tempo
    return ", ".join(part for part in (sentence, key, tempo, dynamics) if part)


def pace(bpm: float) -> str:
    """Return the word for a tempo."""
    if bpm < 90:
        return "slow"
    if bpm < 118:
        return "mid-tempo"
    return "fast" if bpm < 145 else "very fast"


def _say(name: str, synonyms: dict[str, str], rng: random.Random) -> str:
    """Return the name itself half the time, else one of its synonyms."""
    others = [word for word, meaning in synonyms.items() if meaning == name]
    return rng.choice(others) if others and rng.random() < 0.5 else name
