"""What a clip tells about its music: tempo, downbeat and key, so that new material follows them.

    clip -> mono at 22.05 kHz -> engine.tempo, engine.key -> MusicalContext

What the host knows is taken as it is; only what it leaves open is estimated. A model that follows
a beat says which of those that the clip might have it hears (`engine.heard_beat`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.beat_candidates import proposed
from engine.heard_beat import hear_beat
from engine.key import find_key
from engine.models.music_model import FollowsBeat, MusicalContext, MusicModel
from engine.rate import resample, with_channels
from engine.shapes import Samples
from engine.tempo import SAMPLE_RATE, Beat, find_beat

LEAST_SECONDS = 0.5
"""Shorter audio is not analyzed."""
MOST_SECONDS = 30.0
"""How much of a clip is listened to, around the edit: tempos drift over longer stretches."""
HEARD_SECONDS, LEAST_HEARD_SECONDS = 5.9, 2.0
"""How much of that a model listens to: its shorter window, and no less than a bar or so."""
SURE_GAIN = 0.1
"""Share of a model's error that a beat takes away when it is beyond doubt."""


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
    model: MusicModel | None = None,
    pause: Callable[[], None] = lambda: None,
) -> Analysis:
    """Return what `audio` (channels, samples) tells beyond what the `host` knows.

    Of longer audio, the 30 s around the time `around` (s) are listened to. What the music does not
    tell (silence, a drone, less than two beats) stays None. `pause` is called now and then; what it
    raises ends the analysis.
    """
    host = host or MusicalContext()
    seconds = audio.shape[-1] / sample_rate
    start = max(0.0, min(around - MOST_SECONDS / 2, seconds - MOST_SECONDS))
    first = math.floor(start * sample_rate)
    stretch = audio[:, first : first + math.ceil(MOST_SECONDS * sample_rate)]
    if stretch.shape[-1] < LEAST_SECONDS * sample_rate:
        return Analysis(host)
    heard = _Stretch(stretch, sample_rate, first / sample_rate, around, pause)
    return _with_key(_with_beat(Analysis(host), heard, model), heard.mono)


@dataclass(frozen=True)
class _Stretch:
    """What is listened to: it begins at the time `start` (s) of the clip, for an edit at `edit`."""

    audio: Samples
    sample_rate: int
    start: float
    edit: float
    pause: Callable[[], None]

    @cached_property
    def mono(self) -> NDArray[np.float64]:
        return _mono(self.audio, self.sample_rate)


def _mono(audio: Samples, sample_rate: int) -> NDArray[np.float64]:
    mono = resample(audio.mean(dim=0, keepdim=True).double(), sample_rate, SAMPLE_RATE)
    return np.asarray(mono[0].numpy(), dtype=np.float64)


def _with_beat(known: Analysis, heard: _Stretch, model: MusicModel | None) -> Analysis:
    host = known.context
    if host.bpm is not None and host.beat_offset is not None:
        return replace(known, tempo_confidence=1.0, downbeat_confidence=1.0)
    beat = None
    if model is not None and isinstance(model, FollowsBeat) and model.follows_beat:
        beat = _heard_by(model, heard, host)
    heard.pause()
    beat = beat or find_beat(heard.mono, beats_per_bar=host.beats_per_bar, bpm=host.bpm)
    if beat is None:
        # A host that knows the tempo has its clips on the grid: the bar begins with the clip.
        offset = host.beat_offset if host.bpm is None else host.beat_offset or 0.0
        return replace(known, context=replace(host, beat_offset=offset))
    bar = host.beats_per_bar * 60 / beat.bpm
    # A downbeat near the clip's start stays there, not a bar later.
    downbeat = (heard.start + beat.downbeat + 0.03) % bar - 0.03
    offset = downbeat if host.beat_offset is None else host.beat_offset
    return replace(
        known,
        context=replace(host, bpm=beat.bpm, beat_offset=offset),
        tempo_confidence=beat.tempo_confidence,
        downbeat_confidence=beat.downbeat_confidence,
    )


def _heard_by(model: MusicModel, heard: _Stretch, host: MusicalContext) -> Beat | None:
    """Return the beat that the model hears next to the edit, counted from the stretch's start."""
    reach = round(HEARD_SECONDS * heard.sample_rate)
    edit = round((heard.edit - heard.start) * heard.sample_rate)
    first = max(0, min(edit - reach // 2, heard.audio.shape[-1] - reach))
    part = heard.audio[:, first : first + reach]
    if part.shape[-1] < LEAST_HEARD_SECONDS * heard.sample_rate:
        return None
    start, bars = first / heard.sample_rate, host.beats_per_bar
    candidates = [
        (bpm, downbeat - start)
        for bpm, downbeat in proposed(heard.mono, beats_per_bar=bars, bpm=host.bpm)
    ]
    if not candidates:
        return None
    audio = with_channels(resample(part, heard.sample_rate, model.sample_rate), model.channels)
    found = hear_beat(
        model, audio[None], candidates, beats_per_bar=bars, bpm=host.bpm, pause=heard.pause
    )
    if found is None:
        return None
    sure = min(1.0, found.gain / SURE_GAIN)
    return Beat(found.bpm, start + found.downbeat, sure, sure)


def _with_key(known: Analysis, mono: NDArray[np.float64]) -> Analysis:
    if known.context.key is not None:
        return replace(known, key_confidence=1.0)
    key = find_key(mono)
    if key is None:
        return known
    return replace(
        known, context=replace(known.context, key=key.name), key_confidence=key.confidence
    )
