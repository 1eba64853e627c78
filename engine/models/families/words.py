"""Tempo and key in words, for models that are told nothing but a prompt."""

from engine.models.music_model import MusicalContext
from engine.models.tags import parse_tags


def in_words(prompt: str, context: MusicalContext) -> str:
    """Return `prompt` with the tempo and key of `context`, where it names none itself.

    As the prompts of producers' models are written: "warm pad, 120 BPM, A minor".
    """
    said = parse_tags(prompt)
    phrases = [prompt.strip()]
    if context.bpm is not None and said.bpm is None:
        phrases.append(f"{context.bpm:.0f} BPM")
    if context.key is not None and said.root is None:
        phrases.append(context.key)
    return ", ".join(phrase for phrase in phrases if phrase)
