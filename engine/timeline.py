"""The frames of a measured feature, on the timeline of the result.

Frame k is centred at k * hop samples of its stretch. What is asked counts in new material only: of
a window what it makes itself, and of music that repeats itself its first period.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.controls import Control
from engine.job import Job
from engine.listening import Listening
from engine.spans import Spans
from engine.windows import Window


@dataclass(frozen=True)
class Frames:
    """`seconds` of the result at each frame, and whether it `counts`; both (frames,)."""

    seconds: Tensor
    counts: Tensor
    step: float
    """Seconds per frame."""

    def asked(self, control: Control) -> Tensor:
        """Return (frames,): whether `control` may ask for something there."""
        if control.region is None:
            return self.counts
        start, end = control.region
        return self.counts & (self.seconds >= start) & (self.seconds < end)


def window_frames(job: Job, window: Window) -> Frames:
    """Return the frames of a window as the model makes it."""
    samples = job.latents_shape(window)[-1] * job.model.hop_length
    rate = job.model.sample_rate
    return _frames(job, window.start, samples, job.canvas.origin, rate, window.new)


def result_frames(job: Job) -> Frames:
    """Return the frames of the whole result at the model's rate."""
    rate, model_rate = job.clip.sample_rate, job.model.sample_rate
    new = tuple((a * model_rate // rate, b * model_rate // rate) for a, b in job.layout.new)
    return _frames(job, 0, job.layout.samples * model_rate // rate, 0, model_rate, new)


def _frames(job: Job, start: int, samples: int, origin: int, rate: int, new: Spans) -> Frames:
    hop = Listening(job.model).hop
    at = start + torch.arange(samples // hop) * hop
    counts = torch.zeros(len(at), dtype=torch.bool)
    for a, b in new:
        counts |= (at >= a) & (at < b)
    seconds = origin + at.double() / rate
    if job.layout.period:
        counts &= seconds < job.layout.period / job.clip.sample_rate
    return Frames(seconds, counts, hop / rate)
