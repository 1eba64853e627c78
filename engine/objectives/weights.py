"""Weights: how much each objective counts in the sum, where the user does not say.

The paper's weights balance units: 1/40 for intensity in dB^2 beside painting or structure, 1/4
beside melody, 1 for everything else; its painting is a mean square of mel spectrograms in [-1, 1].
Ours is in dB^2, as is all that is compared in the feature domain (overlap, repeat, clip). So::

    losses in dB^2 among themselves      1: a decibel is a decibel
    intensity and melody, only these     intensity 1/4
    dB^2 beside losses in other units    1/40
    losses in other units, and alone     1

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, appendix H.
"""

from collections.abc import Set

DECIBELS = frozenset({"overlap", "repeat", "clip", "intensity"})
"""Objectives whose losses are in dB^2."""
OTHERS = frozenset({"melody", "structure", "shape", "text"})
"""Objectives whose losses are numbers around 1."""
BESIDE_OTHERS = 1 / 40
INTENSITY_BESIDE_MELODY = 1 / 4


def default_weights(kinds: Set[str]) -> dict[str, float]:
    """Return the weight of each objective, by name, when all of `kinds` are combined."""
    unknown = kinds - DECIBELS - OTHERS
    assert not unknown, f"no weight is known for {sorted(unknown)}"
    others = kinds & OTHERS
    weights = dict.fromkeys(sorted(kinds), 1.0)
    if others:
        weights |= dict.fromkeys(kinds & DECIBELS, BESIDE_OTHERS)
    if kinds & DECIBELS == {"intensity"} and others == {"melody"}:
        weights["intensity"] = INTENSITY_BESIDE_MELODY
    return weights
