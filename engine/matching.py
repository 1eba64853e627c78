"""How the model's rendering of the clip differs from the clip: louder, softer, early, late.

In every window the model reproduces known audio beside the new. What differs there differs in the
new material too, so it can be undone there.
"""

import math

import numpy as np

from engine.shapes import Samples
from engine.spans import Spans

MOST_GAIN_DB = 6.0
SILENCE_DB = -60.0
"""Audio softer than this, relative to full scale, says nothing about level."""
MOST_LAG_SECONDS = 0.005
LISTENED_SECONDS = 0.25
"""How much audio beside each seam is compared to find the lag."""
_LEAST_LIKENESS, _LEAST_IMPROVEMENT = 0.5, 0.1


def gain_db(known: Samples, made: Samples) -> float:
    """Return the gain in dB that gives `made` the level of `known`, at most 6 dB either way.

    0 where either is silent.
    """
    wanted, reached = level_db(known), level_db(made)
    if min(wanted, reached) < SILENCE_DB:
        return 0.0
    return max(-MOST_GAIN_DB, min(MOST_GAIN_DB, wanted - reached))


def level_db(audio: Samples) -> float:
    """Return the RMS level in dB relative to full scale; -200 for silence or no audio."""
    power = float(audio.double().square().mean()) if audio.numel() else 0.0
    return 10 * math.log10(power + 1e-20)


def best_lag(known: Samples, made: Samples, stretches: Spans, sample_rate: int) -> int:
    """Return how many samples later than in `known` the same waveform comes in `made`.

    Compared over `stretches`, within 5 ms. 0 unless the waveforms are clearly more alike at
    another lag: unrelated phases agree by chance somewhere.
    """
    most = round(MOST_LAG_SECONDS * sample_rate)
    a, b = known.double().mean(0).numpy(), made.double().mean(0).numpy()
    likeness, energy_a, energy_b = np.zeros(2 * most + 1), 0.0, np.zeros(2 * most + 1)
    for start, end in stretches:
        reference = a[start:end]
        around = np.pad(b, most)[start : end + 2 * most]
        likeness += np.correlate(around, reference, "valid")
        energy_a += float(reference @ reference)
        total = np.concatenate([[0.0], np.cumsum(around**2)])
        energy_b += total[end - start :] - total[: 2 * most + 1]
    likeness /= np.sqrt(energy_a * np.maximum(energy_b, 0.0)) + 1e-12
    best = int(likeness.argmax())
    clear = likeness[best] > max(_LEAST_LIKENESS, likeness[most] + _LEAST_IMPROVEMENT)
    return best - most if clear else 0
