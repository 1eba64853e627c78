"""The model's view of the job: the timeline around the edit, at the model's rate and channels.

Known samples are the clip, resampled; the others fill up window by window.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from engine.layout import Layout, on_timeline
from engine.matching import (
    LISTENED_SECONDS,
    MOST_LAG_SECONDS,
    Levels,
    best_lag,
    is_silent,
)
from engine.rate import resample, with_channels
from engine.requests import Clip
from engine.seams import FADE_SECONDS, MEMORY_SECONDS, extrapolate, join
from engine.shapes import Mask, Samples, Stretch
from engine.spans import Span, Spans, union, within
from engine.windows import Window

LEVEL_FADE_SECONDS = 0.05
"""From leveled audio to audio whose level was asked for."""


@dataclass(frozen=True)
class Canvas:
    """`audio` begins at `origin`, a whole second of the result, so that the rates line up there.

    `new` is what has to be made; it is silent until then.
    """

    audio: Samples
    new: Spans
    origin: int
    sample_rate: int

    def window(self, window: Window, samples: int) -> tuple[Samples, Mask]:
        """Return `samples` from the window's start: the known audio, and 1 where it is known."""
        audio = self.audio.new_zeros(self.audio.shape[0], samples)
        keep_mask = self.audio.new_zeros(1, samples)
        for a, b in within(window.keep, window.start, window.start + samples):
            audio[:, a - window.start : b - window.start] = self.audio[:, a:b]
            keep_mask[:, a - window.start : b - window.start] = 1
        return audio, keep_mask


def open_canvas(
    clip: Clip, layout: Layout, *, sample_rate: int, channels: int, reach_seconds: float
) -> Canvas:
    """Return the clip as the model hears it, up to `reach_seconds` around the new material."""
    rate = clip.sample_rate
    start = max(0, math.floor(layout.new[0][0] / rate - reach_seconds))
    end = min(layout.timeline, math.ceil(layout.new[-1][1] + reach_seconds * rate))
    stretch = on_timeline(clip, layout, (start * rate, end)).float()
    gaps = [(a - start * rate, b - start * rate) for a, b in layout.new]
    stretch = _led_on(with_channels(stretch, channels).clone(), gaps, rate)
    audio = resample(stretch, rate, sample_rate).clone()
    # Regions a few samples apart may touch at the model's rate.
    new = union(_scaled(span, rate, sample_rate, start) for span in layout.new)
    for a, b in new:
        audio[:, a:b] = 0
    # New material may end a sample beyond the resampled clip.
    missing = max(0, new[-1][1] - audio.shape[-1])
    audio = torch.nn.functional.pad(audio, (0, missing))
    if layout.new[-1][1] == layout.timeline:
        new = (*new[:-1], (new[-1][0], audio.shape[-1]))
    return Canvas(audio, new, start, sample_rate)


def paste(
    canvas: Canvas, window: Window, made: Samples, levels: Levels, *, steered: Spans = ()
) -> Canvas:
    """Return the canvas with the window's new material in it.

    Leveled and, where it clearly helps, shifted to fit the known audio; led in and out at its
    seams. `made` is the model's whole window, `levels` how loud it plays what is known there. The
    stretches `steered` were made at a level of their own, which leveling leaves to them.
    """
    known, _ = canvas.window(window, made.shape[-1])
    lag = best_lag(known, made, _beside(window, canvas.sample_rate), canvas.sample_rate)
    most = round(MOST_LAG_SECONDS * canvas.sample_rate)
    made = torch.nn.functional.pad(made, (most, most))[:, most + lag :][:, : known.shape[-1]]
    audio = canvas.audio.clone()
    hold = _outside(steered, canvas.audio.shape[-1], canvas.sample_rate)
    for start, end in window.new:
        # From the window as it was: what this loop has just written is not known audio.
        before = _kept(canvas, window, ending=start)
        after = _kept(canvas, window, starting=end)
        new = made[:, start - window.start : end - window.start]
        new = _below(
            max(1.0, float(known.abs().max())),
            new * _gain(window, known, levels, (start, end)) ** hold[:, start:end],
        )
        audio[:, start:end] = join(before, new, after, canvas.sample_rate)
    return replace(canvas, audio=audio)


def _led_on(audio: Samples, gaps: Sequence[Span], sample_rate: int) -> Samples:
    """Continue the known audio a little into the gaps, in place.

    Where it stopped at once, resampling would ring into what is known.
    """
    memory, most = round(MEMORY_SECONDS * sample_rate), round(FADE_SECONDS * sample_rate)
    for start, end in gaps:
        lead = min(most, (end - start) // 2)
        audio[:, start:end] = 0
        if start > 0:
            before = audio[:, max(0, start - memory) : start]
            audio[:, start : start + lead] = extrapolate(before, lead)
        if end < audio.shape[-1]:
            after = audio[:, end : end + memory].flip(-1)
            audio[:, end - lead : end] = extrapolate(after, lead).flip(-1)
    return audio


def _scaled(span: Span, rate: int, model_rate: int, origin: int) -> Span:
    """Return `span` on the canvas, a sample too wide rather than too narrow."""
    start, end = span
    return (
        (start - origin * rate) * model_rate // rate,
        -((origin * rate - end) * model_rate // rate),
    )


def _beside(window: Window, sample_rate: int) -> Spans:
    """Return the known stretches next to the new ones, in samples of the window."""
    reach = round(LISTENED_SECONDS * sample_rate)
    stretches = []
    for start, end in window.keep:
        if any(new[0] == end for new in window.new):
            stretches.append((max(start, end - reach) - window.start, end - window.start))
        if any(new[1] == start for new in window.new):
            stretches.append((start - window.start, min(end, start + reach) - window.start))
    return tuple(stretches)


def _kept(
    canvas: Canvas, window: Window, *, ending: int = -1, starting: int = -1
) -> Stretch | None:
    for start, end in window.keep:
        if ending == end or starting == start:
            return canvas.audio[:, start:end]
    return None


def _below(ceiling: float, audio: Samples) -> Samples:
    """Return `audio`, softer where it would go beyond `ceiling`: leveling must not clip."""
    peak = float(audio.abs().max())
    return audio * (ceiling / peak) if peak > ceiling else audio


def _outside(steered: Spans, samples: int, sample_rate: int) -> Mask:
    """Return (1, samples): 1 outside `steered`, falling to 0 within 50 ms inside."""
    hold = torch.ones(1, samples)
    fade = round(LEVEL_FADE_SECONDS * sample_rate)
    for start, end in steered:
        inside = torch.arange(end - start) + 0.5
        # Nothing follows the canvas's end: no level to come back to.
        ends = inside.flip(0) if end < samples else torch.full_like(inside, fade)
        hold[:, start:end] = 1 - (torch.minimum(inside, ends) / fade).clamp(max=1)
    return hold


def _gain(window: Window, known: Samples, levels: Levels, span: Span) -> torch.Tensor:
    """Return one gain per sample of `span`: from the left neighbor's to the right neighbor's."""
    gains = []
    for start, end in window.keep:
        if span[0] == end or span[1] == start:
            stretch = start - window.start, end - window.start
            silent = is_silent(known[:, slice(*stretch)])
            gains.append(0.0 if silent else levels.gain_db(stretch))
    if not gains:
        return torch.ones(1, span[1] - span[0])
    decibels = torch.linspace(gains[0], gains[-1], span[1] - span[0])
    return torch.pow(10.0, decibels / 20)[None]
