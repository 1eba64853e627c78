"""Where the new material goes: the timeline of the result, in samples of the clip."""

import math
from dataclasses import dataclass

import torch

from engine.bars import in_seconds
from engine.controls import Repeat
from engine.models.music_model import MusicalContext
from engine.requests import Clip, Request
from engine.shapes import Samples, Stretch
from engine.spans import Span, Spans, union, within

LEAST_BRIDGE_SECONDS = 1.0
BRIDGE_SECONDS = 2.0
"""Length of a loop's bridge where no tempo is known."""


@dataclass(frozen=True)
class Layout:
    """The result is `samples` long, holds the clip from `clip_start` on, and is new in `new`.

    A loop goes on with its own start: `wrap` samples of the clip follow the result on the timeline
    so that the last seam is one like the others. Music that repeats itself after `period` samples
    is made once; 0: it does not.
    """

    samples: int
    clip_start: int
    new: Spans
    wrap: int = 0
    period: int = 0

    @property
    def timeline(self) -> int:
        """Samples of the result and of what follows it when it is looped."""
        return self.samples + self.wrap


def lay_out(request: Request, clip: Clip, context: MusicalContext) -> Layout:
    """Return the timeline of a validated request. `clip` is empty for generate."""
    length, rate = clip.audio.shape[-1], clip.sample_rate
    extra = round(request.seconds * rate)
    if request.task == "outpaint":
        before = extra if request.side in ("before", "both") else 0
        after = extra if request.side in ("after", "both") else 0
        end = before + length
        return Layout(end + after, before, union([(0, before), (end, end + after)]))
    if request.task == "inpaint":
        return Layout(length, 0, regions_in_samples(request, rate))
    if request.task == "loop":
        end = length + extra if extra else _loop_samples(length, rate, context)
        return Layout(end, 0, ((length, end),), wrap=length)
    if request.task == "vary":
        return Layout(length, 0, ((0, length),))
    period = next((c for c in request.controls if isinstance(c, Repeat)), None)
    if period is None:
        return Layout(extra, 0, ((0, extra),))
    samples = round(in_seconds(period.period, period.unit, context) * rate)
    end = extra or samples
    return Layout(end, 0, ((0, end),), period=samples)


def regions_in_samples(request: Request, sample_rate: int) -> Spans:
    """Return the regions of `request`, sorted, touching ones joined."""
    return union((round(s * sample_rate), round(e * sample_rate)) for s, e in request.regions)


def on_timeline(clip: Clip, layout: Layout, stretch: Span) -> Samples:
    """Return [start, end) of the timeline: the clip where it lies, silence elsewhere.

    Regions that will be made anew still hold the clip.
    """
    start, end = stretch
    audio = clip.audio.new_zeros(clip.audio.shape[0], end - start)
    length = clip.audio.shape[-1]
    starts = [layout.clip_start, layout.samples] if layout.wrap else [layout.clip_start]
    for at in starts:
        for a, b in within([(at, at + length)], start, end):
            audio[:, a - start : b - start] = clip.audio[:, a - at : b - at]
    return audio


def gather(audio: Stretch, spans: Spans) -> Stretch:
    """Return the samples of `spans`, one stretch after the other."""
    return torch.cat([audio[:, start:end] for start, end in spans], dim=-1)


def scatter(audio: Samples, spans: Spans, samples: Stretch) -> Samples:
    """Return `audio` with `samples` where `gather` took them from."""
    filled, at = audio.clone(), 0
    for start, end in spans:
        filled[:, start:end] = samples[:, at : at + end - start]
        at += end - start
    return filled


def _loop_samples(length: int, rate: int, context: MusicalContext) -> int:
    """Length of the loop: whole bars, with a bridge of at least a second."""
    if context.bpm is None:
        return length + round(BRIDGE_SECONDS * rate)
    bar = 60 / context.bpm * context.beats_per_bar * rate
    # A hair less, so that a clip of whole bars to the sample is not taken for a sample too long.
    bars = math.ceil((length + LEAST_BRIDGE_SECONDS * rate) / bar - 1e-3)
    return round(bars * bar)
