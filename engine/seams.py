"""Seams: from the clip into new material and back without a click.

The clip is not faded. It is continued by linear prediction for a few milliseconds into the new
material and cross-faded there, so that the first new sample follows the clip's last as the clip's
own next sample would have.

Sources: Burg 1975 (maximum entropy spectral analysis) for the prediction; Fink, Holters & Zoelzer
2016, "Signal-matched power-complementary cross-fading", for the fade.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import lfilter, lfiltic

from engine.shapes import Samples, Stretch

FADE_SECONDS = 0.015
MEMORY_SECONDS = 0.05
"""How much of the clip the linear prediction listens to."""
ORDER = 64


def join(before: Stretch | None, new: Samples, after: Stretch | None, sample_rate: int) -> Samples:
    """Return `new` with its first and last milliseconds led from `before` and to `after`.

    `before` ends where `new` starts, `after` starts where it ends; None leaves that edge alone.
    """
    memory = round(MEMORY_SECONDS * sample_rate)
    fade = min(round(FADE_SECONDS * sample_rate), new.shape[-1] // 2)
    joined = new.clone()
    if before is not None:
        tail = extrapolate(before[..., -memory:], fade)
        joined[..., :fade] = crossfade(tail, new[..., :fade])
    if after is not None:
        lead = extrapolate(after[..., :memory].flip(-1), fade)
        end = new.shape[-1] - fade
        joined[..., end:] = crossfade(lead, new[..., end:].flip(-1)).flip(-1)
    return joined


def crossfade(outgoing: Samples, incoming: Samples) -> Samples:
    """Return a fade from `outgoing` to `incoming` that holds the power.

    Equal power where they are unrelated, equal gain where they are the same; in between by their
    correlation.
    """
    samples = outgoing.shape[-1]
    angle = torch.arange(samples, dtype=outgoing.dtype) * (math.pi / 2 / max(samples, 1))
    fade_out, fade_in = angle.cos(), angle.sin()
    norm = (outgoing.square().sum() * incoming.square().sum()).sqrt()
    alike = float((outgoing * incoming).sum() / norm) if norm > 0 else 0.0
    # Opposed signals cancel in the middle; lifting that would amplify what is left of them.
    power = 1 + 2 * max(alike, 0.0) * fade_out * fade_in
    return (fade_out * outgoing + fade_in * incoming) / power.sqrt()


def extrapolate(known: Stretch, samples: int) -> Stretch:
    """Return the next `samples` after `known`, by linear prediction per channel.

    Never grows: Burg's predictor is stable. Too little to listen to: the last value is held.
    """
    order = min(ORDER, known.shape[-1] // 3)
    if order == 0 or samples == 0:
        return known[..., -1:].expand(-1, samples)
    channels = [_continued(channel, order, samples) for channel in known.double().numpy()]
    return torch.from_numpy(np.stack(channels)).to(known.dtype)


def _continued(known: NDArray[np.float64], order: int, samples: int) -> NDArray[np.float64]:
    coefficients = burg(known, order)
    state = lfiltic([1.0], coefficients, known[::-1])
    future, _ = lfilter([1.0], coefficients, np.zeros(samples), zi=state)
    return np.asarray(future)


def burg(signal: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """Return the prediction error filter [1, a_1 ... a_order] of `signal`."""
    forward, backward = signal[1:], signal[:-1]
    a = np.ones(1)
    # A floor on the energy keeps silence, and a perfectly predicted sine, from dividing by zero.
    floor = 1e-12 * float(signal @ signal) + 1e-30
    for _ in range(order):
        energy = float(forward @ forward + backward @ backward)
        if energy <= floor:
            break
        reflection = -2 * float(forward @ backward) / energy
        a = np.append(a, 0.0)
        a = a + reflection * a[::-1]
        forward, backward = (
            (forward + reflection * backward)[1:],
            (backward + reflection * forward)[:-1],
        )
    return a
