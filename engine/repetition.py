"""Music that repeats itself: one period is made, cut out and laid end to end.

The model makes a little more than one period. Where the period begins, the music that the model
made after it is faded out under its beginning, so that its end leads to its own start.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, appendix E; the cut is ours.
"""

import torch

from engine.layout import Layout
from engine.seams import crossfade
from engine.shapes import Samples, Stretch

LEAST_SECONDS = 0.5
"""Of a period."""
LEAST_BEYOND_SECONDS = 0.1
"""Of the music made beyond it."""
FADE_SECONDS = 0.05


def once(layout: Layout, window: int) -> Layout:
    """Return the timeline of one period and what is made beyond it.

    `window` are the samples that the model can make at once. Beyond the period as much is made as
    fits, at most another period.
    """
    samples = min(window, 2 * layout.period)
    return Layout(samples, 0, ((0, samples),))


def repeated(made: Samples, period: int, samples: int, sample_rate: int) -> Stretch:
    """Return `samples` of the first `period` of `made`, repeated bit by bit.

    `made` goes on beyond the period.
    """
    beyond = made[:, period:]
    fade = min(round(FADE_SECONDS * sample_rate), beyond.shape[-1], period)
    one = made[:, :period].clone()
    one[:, :fade] = crossfade(beyond[:, :fade], one[:, :fade])
    return torch.cat([one] * -(-samples // period), dim=-1)[:, :samples]
