"""How the model's rendering of the clip differs from the clip: louder, softer, early, late.

In every window the model reproduces known audio beside the new. What differs there differs in the
new material too, so it can be undone there.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.shapes import Mask, Samples
from engine.spans import Span, Spans

MOST_GAIN_DB = 6.0
SILENCE_DB = -60.0
"""Audio softer than this, relative to full scale, says nothing about level."""
MOST_LAG_SECONDS = 0.005
LISTENED_SECONDS = 0.25
"""How much audio beside each seam is compared to find the lag."""
_LEAST_LIKENESS, _LEAST_IMPROVEMENT = 0.5, 0.1


@dataclass(frozen=True)
class Levels:
    """Levels in dB of a window's frames of `frame` samples: the clip's and the model's.

    Both (frames,), comparable with each other; `counted` is 1 where a frame is known audio.
    """

    frame: int
    wanted: Tensor
    reached: Tensor
    counted: Tensor

    def gain_db(self, stretch: Span) -> float:
        """Return the gain in dB that brings the model to the clip's level in [start, end) samples.

        At most 6 dB either way; 0 where no frame counts.
        """
        at = slice(-(-stretch[0] // self.frame), stretch[1] // self.frame)
        counted = self.counted[at] > 0
        if not bool(counted.any()):
            return 0.0
        wanted, reached = (
            10 * torch.pow(10.0, levels[at][counted].double() / 10).mean().log10()
            for levels in (self.wanted, self.reached)
        )
        return max(-MOST_GAIN_DB, min(MOST_GAIN_DB, float(wanted - reached)))


def audio_levels(known: Samples, made: Samples, keep_mask: Mask, frame: int) -> Levels:
    """Return the RMS levels of both in frames of `frame` samples; whole frames only."""
    levels = [
        10 * torch.log10(audio.double().square().mean(0).unfold(0, frame, frame).mean(1) + 1e-12)
        for audio in (known, made)
    ]
    return Levels(frame, levels[0], levels[1], keep_mask[0].unfold(0, frame, frame).amin(1))


def is_silent(audio: Samples) -> bool:
    """Return whether `audio` is softer than -60 dB RMS."""
    power = float(audio.double().square().mean()) if audio.numel() else 0.0
    return power < 10 ** (SILENCE_DB / 10)


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
