"""What a person might type for a piece: tags, a sentence or a request, each part present or not."""

import random

from engine.models.tags import DYNAMICS_SYNONYMS, INSTRUMENT_SYNONYMS, STYLE_SYNONYMS
from engine.training.corpus.composition import Composition

PURPOSES = ("for a video", "for a game", "for a podcast intro", "to study to", "for a film scene")
REQUESTS = ("make me", "give me", "i need", "something like", "create", "a bit of")
NOUNS = ("track", "loop", "groove", "clip", "beat", "song", "piece", "idea")
PLAYERS = ("with", "featuring", "on", "plus", "using")


def caption(piece: Composition, rng: random.Random) -> str:
    """Return one prompt for `piece`; other draws of `rng` give other words for the same music."""
    style = _say(piece.style, STYLE_SYNONYMS, rng)
    mood = piece.mood if rng.random() < 0.6 else ""
    tempo = rng.choice((f"{piece.bpm} bpm", f"{piece.bpm} BPM", pace(piece.bpm), ""))
    quality = "minor" if piece.mode in ("minor", "dorian") else "major"
    names = (f"in {piece.root} {piece.mode}", f"{piece.root} {piece.mode}", quality, "", "")
    key = rng.choice(names)
    players = [_say(name, INSTRUMENT_SYNONYMS, rng) for name in piece.instruments]
    rng.shuffle(players)
    players = players[: rng.randint(0, 4)]
    dynamics = ""
    if piece.dynamics != "steady" and rng.random() < 0.6:
        dynamics = _say(piece.dynamics, DYNAMICS_SYNONYMS, rng)
    kind = rng.random()
    if kind < 0.45:
        parts = [style, mood, tempo, key, *players, dynamics]
        rng.shuffle(parts)
        return _case(", ".join(part for part in parts if part), rng)
    noun = rng.choice(NOUNS) if kind < 0.85 else ""
    # "Beat" is a word for drums: it is not said of pieces without.
    noun = "track" if noun == "beat" and not piece.drums else noun
    start = rng.choice(REQUESTS) if kind > 0.7 else ""
    sentence = " ".join(filter(None, (start, mood, style, noun)))
    if players:
        joined = " and ".join(filter(None, (", ".join(players[:-1]), players[-1])))
        sentence += f" {rng.choice(PLAYERS)} {joined}"
    tempo = f"at {tempo}" if "bpm" in tempo.lower() else tempo
    purpose = rng.choice(PURPOSES) if rng.random() < 0.1 else ""
    return _case(", ".join(p for p in (sentence, key, tempo, dynamics, purpose) if p), rng)


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


def _case(text: str, rng: random.Random) -> str:
    """Return the text as it is or with a capital letter."""
    return text[:1].upper() + text[1:] if rng.random() < 0.3 else text
