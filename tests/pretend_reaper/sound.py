"""What a take plays, as an audio accessor reads it: before its volume, effects and envelopes."""

import numpy as np
from numpy.typing import NDArray

from pretend_reaper.model import Item, Take


def frames_in(item: Item, rate: int) -> int:
    """Return how many frames of an item there are."""
    return int(np.ceil(item.values["D_LENGTH"] * rate - 1e-6))


def played(item: Item, take: Take, first: int, count: int) -> NDArray[np.float32]:
    """Return up to `count` frames from frame `first` of the item on, (frames, channels).

    Nothing is there before the item's first frame and after its last.
    """
    source = take.source
    assert source is not None
    samples = source.samples[::-1] if source.is_reversed else source.samples
    stop = min(first + count, frames_in(item, source.rate))
    seconds = np.arange(first, stop) / source.rate
    at = (take.values["D_STARTOFFS"] + seconds * take.values["D_PLAYRATE"]) * source.rate
    at = np.where(np.abs(at - np.round(at)) < 1e-4, np.round(at), at)
    if item.values["B_LOOPSRC"]:
        at = at % len(samples)
    low = np.floor(at).astype(int)
    padded = np.concatenate([samples, np.zeros((2, samples.shape[1]), np.float32)])
    is_there = (low >= 0) & (low < len(samples))
    low = np.where(is_there, low, len(samples))
    share = (at - np.floor(at))[:, None].astype(np.float32)
    mixed = padded[low] * (1 - share) + padded[low + 1] * share
    if 2 <= take.values["I_CHANMODE"] <= 66:
        mixed = mixed.mean(axis=1, keepdims=True)
    return mixed.astype(np.float32)


def heard(item: Item) -> NDArray[np.float32]:
    """Return all of an item's active take, (frames, channels)."""
    take = item.takes[item.active]
    assert take.source is not None
    return played(item, take, 0, frames_in(item, take.source.rate))
