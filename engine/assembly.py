"""The contract with the producer: new material back into the clip.

The result has exactly the samples of the layout, in the clip's rate, channels and number format.
Every sample outside the new stretches is the clip's, bit by bit.
"""

import math

import torch

from engine.canvas import Canvas
from engine.layout import Layout, on_timeline
from engine.rate import resample, with_channels
from engine.repetition import repeated
from engine.requests import Clip
from engine.seams import MEMORY_SECONDS, extrapolate, join
from engine.shapes import Samples
from engine.spans import Span, outside, within

_MARGIN_SECONDS = 1
"""Made audio resampled beyond each end of a stretch, so that its edges are not the filter's."""


def assemble(clip: Clip, layout: Layout, canvas: Canvas) -> Samples:
    """Return the result, (channels, samples): the clip with `canvas` in the new stretches."""
    if layout.period:
        made = _at_clip_rate(canvas, canvas.new[0], clip)
        return repeated(made, layout.period, layout.samples, clip.sample_rate)
    audio = on_timeline(clip, layout, (0, layout.timeline))
    rate = clip.sample_rate
    memory = round(MEMORY_SECONDS * rate)
    known = outside(layout.new, layout.timeline)
    for start, end in layout.new:
        new = _at_clip_rate(canvas, (start, end), clip)
        # The stretches lie apart, so the audio beside each is the clip's.
        before = within(known, start - memory, start)
        after = within(known, end, end + memory)
        audio[:, start:end] = join(
            audio[:, slice(*before[-1])] if before else None,
            new,
            audio[:, slice(*after[0])] if after else None,
            rate,
        )
    return audio[:, : layout.samples]


def _at_clip_rate(canvas: Canvas, span: Span, clip: Clip) -> Samples:
    """Return the canvas over `span`, in the clip's rate, channels and dtype."""
    rate, model_rate = clip.sample_rate, canvas.sample_rate
    # Whole seconds lie on a sample at every rate, so the two timelines agree there exactly.
    start = math.floor(span[0] / rate) - _MARGIN_SECONDS
    end = math.ceil(span[1] / rate) + _MARGIN_SECONDS
    first, last = ((second - canvas.origin) * model_rate for second in (start, end))
    made = canvas.audio[:, max(0, first) : last]
    # Past the canvas the music goes on a little, or the filter would hear it stop.
    lead = extrapolate(made[:, :model_rate].flip(-1), max(0, -first)).flip(-1)
    tail = extrapolate(made[:, -model_rate:], max(0, last - canvas.audio.shape[-1]))
    made = with_channels(torch.cat([lead, made, tail], -1), clip.audio.shape[0])
    at = span[0] - start * rate
    made = resample(made, model_rate, rate)[:, at : at + span[1] - span[0]]
    return made.to(clip.audio.dtype)
