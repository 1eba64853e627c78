"""What a clip tells about its music: tempo, downbeat and key, so that new material follows them.

    clip -> mono at 22.05 kHz -> engine.tempo, engine.key -> MusicalContext

What the host knows is taken as it is; only what it leaves open is estimated.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.key import find_key
from engine.models.music_model import MusicalContext
from engine.rate import resample
from engine.shapes import Samples
from engine.tempo import SAMPLE_RATE, find_beat

LEAST_SECONDS = 0.5
"""Shorter audio is not analyzed."""
MOST_SECONDS = 30.0
"""How much of a clip is listened to, around the edit: tempos drift over longer stretches."""


@dataclass(frozen=True)
class Analysis:
    """`context` has `beat_offset` from the clip's first sample. Confidences are from 0 to 1."""

    context: MusicalContext
    tempo_confidence: float = 0.0
    downbeat_confidence: float = 0.0
    key_confidence: float = 0.0

    @property
    def sentence(self) -> str:
        """Return the finding for people, such as "124 bpm, downbeat at 0.02 s, A minor"."""
        found = self.context
        parts = [
            "no clear tempo" if found.bpm is None else f"{found.bpm:.4g} bpm",
            None if found.beat_offset is None else f"downbeat at {found.beat_offset:.2f} s",
            "no clear key" if found.key is None else found.key,
        ]
        return ", ".join(part for part in parts if part)


def analyze(
    audio: Samples,
    sample_rate: int,
    *,
    host: MusicalContext | None = None,
    around: float = 0.0,
) -> Analysis:
    """Return what `audio` (channels, samples) tells beyond what the `host` knows.

    Of longer audio, the 30 s around the time `around` (s) are listened to. What the music does not
    tell (silence, a drone, less than two beats) stays None.
    """
    host = host or MusicalContext()
    seconds = audio.shape[-1] / sample_rate
    start = max(0.0, min(around - MOST_SECONDS / 2, seconds - MOST_SECONDS))
    first = math.floor(start * sample_rate)
    stretch = audio[:, first : first + math.ceil(MOST_SECONDS * sample_rate)]
    if stretch.shape[-1] < LEAST_SECONDS * sample_rate:
        return Analysis(host)
    mono = _mono(stretch, sample_rate)
    return _with_key(_with_beat(Analysis(host), mono, first / sample_rate), mono)


def _mono(audio: Samples, sample_rate: int) -> NDArray[np.float64]:
    mono = resample(audio.mean(dim=0, keepdim=True).double(), sample_rate, SAMPLE_RATE)
    return np.asarray(mono[0].numpy(), dtype=np.float64)


def _with_beat(known: Analysis, mono: NDArray[np.float64], start: float) -> Analysis:
    host = known.context
    if host.bpm is not None and host.beat_offset is not None:
        return replace(known, tempo_confidence=1.0, downbeat_confidence=1.0)
    beat = find_beat(mono, beats_per_bar=host.beats_per_bar, bpm=host.bpm)
    if beat is None:
        # A host that knows the tempo has its clips on the grid: the bar begins with the clip.
        offset = host.beat_offset if host.bpm is None else host.beat_offset or 0.0
        return replace(known, context=replace(host, beat_offset=offset))
    bar = host.beats_per_bar * 60 / beat.bpm
    # A downbeat near the clip's start stays there, not a bar later.
    downbeat = (start + beat.downbeat + 0.03) % bar - 0.03
    offset = downbeat if host.beat_offset is None else host.beat_offset
    return replace(
        known,
        context=replace(host, bpm=beat.bpm, beat_offset=offset),
        tempo_confidence=beat.tempo_confidence,
        downbeat_confidence=beat.downbeat_confidence,
    )


def _with_key(known: Analysis, mono: NDArray[np.float64]) -> Analysis:
    if known.context.key is not None:
        return replace(known, key_confidence=1.0)
    key = find_key(mono)
    if key is None:
        return known
    return replace(
        known, context=replace(known.context, key=key.name), key_confidence=key.confidence
    )
