"""Every beat that a clip might have: what its onsets propose, and what nothing in it rules out.

onset strength -> many tempos, their halves, doubles and thirds -> each beat of a bar as its first
"""

from collections.abc import Iterable, Iterator

import numpy as np
from scipy.signal import argrelmax

from engine.tempo import (
    FASTEST_BPM,
    RATE,
    SLOWEST_BPM,
    Array,
    beat_phase,
    onset_strength,
    refined_tempo,
    tempo_curves,
)

Candidate = tuple[float, float]
"""Beats per minute, and the time of a downbeat in seconds."""

_PEAKS = 5
"""Tempos that each way of looking at the onsets proposes."""
_RATIOS = (1, 2, 1 / 2, 3 / 2, 2 / 3, 4 / 3, 3 / 4)
"""What is mistaken for the beat: other notes of the bar, straight, dotted and in triplets."""
_ALIKE = 0.012
"""Tempos closer than this share are one."""
_SWEEP = np.geomspace(60, 180, 38)


def proposed(mono: Array, *, beats_per_bar: int, bpm: float | None = None) -> list[Candidate]:
    """Return what the onsets of `mono` (22.05 kHz) propose; with `bpm` the tempo is given.

    Downbeats are counted from the first sample. Nothing where there are no onsets.
    """
    strength, bass = onset_strength(mono)
    if strength.max(initial=0.0) <= 0:
        return []
    tempos = [bpm] if bpm else list(_apart(_tempos(strength + 2 * bass)))
    found = []
    for tempo in tempos:
        # An onset is the growth from one frame to the next.
        beat = (beat_phase(strength, 60 / tempo * RATE) + 1) / RATE
        found += _bars(tempo, beat, beats_per_bar)
        if bpm:  # Between the beats, too: there is time to try.
            found += _bars(tempo, beat + 30 / tempo, beats_per_bar)
    return found


def swept(*, beats_per_bar: int) -> list[Candidate]:
    """Return tempos from 60 to 180 bpm, each with a bar that begins on any half of a beat."""
    halves = range(2 * beats_per_bar)
    return [(float(bpm), half * 30 / float(bpm)) for bpm in _SWEEP for half in halves]


def beside(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return what lies around candidates of `swept`: whole tempos and beats not far from these."""
    return [
        (float(round(bpm * ratio)), beat + shift * 60 / bpm)
        for bpm, beat in candidates
        for ratio in (0.985, 1.0, 1.015)
        for shift in (-0.15, 0.0, 0.15)
    ]


def _tempos(strength: Array) -> Iterator[float]:
    slowest = max(SLOWEST_BPM, 2 * 60 * RATE / strength.size)
    if slowest >= FASTEST_BPM:
        return
    tempos = np.geomspace(slowest, FASTEST_BPM, 600)
    for curve in tempo_curves(strength, tempos):
        peaks = argrelmax(curve)[0]
        for peak in peaks[np.argsort(curve[peaks])[::-1][:_PEAKS]]:
            bpm = refined_tempo(strength, float(tempos[peak]))
            yield from (bpm * ratio for ratio in _RATIOS)


def _apart(tempos: Iterable[float]) -> Iterator[float]:
    taken: list[float] = []
    for bpm in tempos:
        known = any(abs(bpm / other - 1) < _ALIKE for other in taken)
        if SLOWEST_BPM <= bpm <= FASTEST_BPM and not known:
            taken.append(bpm)
            yield bpm


def _bars(bpm: float, beat: float, beats_per_bar: int) -> list[Candidate]:
    return [(bpm, beat + k * 60 / bpm) for k in range(beats_per_bar)]
