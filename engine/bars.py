"""Bars and sections on the result's timeline, in seconds from its first sample."""

import math

from engine.controls import Unit
from engine.errors import InvalidRequestError
from engine.models.music_model import MusicalContext


def bar_seconds(context: MusicalContext) -> float:
    """Return the length of a bar. Raises InvalidRequestError where the tempo is not known."""
    if context.bpm is None:
        raise InvalidRequestError(
            "Bars are asked for, but no tempo is known. Give one (--bpm 120), write it into the "
            'prompt ("120 bpm"), or give seconds instead.'
        )
    return 60 / context.bpm * context.beats_per_bar


def in_seconds(length: float, unit: Unit, context: MusicalContext) -> float:
    """Return the seconds of `length` in `unit`."""
    return length * bar_seconds(context) if unit == "bars" else length


def first_downbeat(context: MusicalContext, *, after: float, clip_start: float) -> float:
    """Return the first downbeat at `after` seconds of the result or later.

    `clip_start` is where in the result the clip begins: the context counts from there.
    """
    bar, beat = bar_seconds(context), clip_start + (context.beat_offset or 0.0)
    # A hair less, so that a downbeat at `after` is not missed by rounding.
    return beat + math.ceil((after - beat) / bar - 1e-6) * bar
