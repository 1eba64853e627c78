"""Weights: how much each objective counts in the sum, where the user does not say.

The paper's weights balance its units: 1/40 for intensity in dB^2 beside painting or structure, 1/4
beside melody, 1 for everything else. Ours are other units (painting, too, is in dB^2; gradients in
dB^2 are hundreds of times those of melody and structure), and with the paper's numbers intensity
beside melody left melody 40 of 100 points. So the paper's weights are kept where units are equal,
and others are measured::

    losses in dB^2 among themselves               1: a decibel is a decibel
    dB^2 beside melody, structure, shape, text    1/200
    structure beside melody                       4
    overlap beside these four                     1/40
    texture beside overlap                        a tenth of the overlap's
    texture beside structure                      1/10
    texture beside melody, shape, text            4/10

On eight settings, 30 iterations of 0.1, without texture, each loss alone -> both, in RMSE, accuracy
and correlation:

    intensity, melody      0.7 dB, 88 %  ->  1/4: 0.8, 45 %   1/50: 1.2, 84 %   1/200: 1.3, 90 %
    intensity, structure   0.7 dB, 0.89  ->  1/40: 0.7, 0.84                    1/200: 0.8, 0.94
    melody, structure      88 %, 0.89    ->  1: 89 %, 0.55    4: 90 %, 0.72     16: 73 %, 0.74

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, appendix H.
"""

from collections.abc import Set

DECIBELS = frozenset({"overlap", "repeat", "clip", "intensity", "texture"})
"""Objectives whose losses are in dB^2."""
OTHERS = frozenset({"melody", "structure", "shape", "text"})
"""Objectives whose losses are numbers around 1."""
DECIBELS_BESIDE_OTHERS, OVERLAP_BESIDE_OTHERS = 1 / 200, 1 / 40
STRUCTURE_BESIDE_MELODY = 4.0
TEXTURE_BESIDE_STRUCTURE, TEXTURE_BESIDE_OTHERS = 1 / 10, 4 / 10
TEXTURE_TO_OVERLAP = 1 / 10
"""Of a clip's own texture, which new music does not begin with, other than that of the first noise.
"""


def default_weights(kinds: Set[str]) -> dict[str, float]:
    """Return the weight of each objective, by name, when all of `kinds` are combined."""
    unknown = kinds - DECIBELS - OTHERS
    assert not unknown, f"no weight is known for {sorted(unknown)}"
    weights = dict.fromkeys(sorted(kinds), 1.0)
    if kinds & OTHERS:
        weights |= dict.fromkeys(kinds & DECIBELS, DECIBELS_BESIDE_OTHERS)
        gentle = "structure" in kinds
        weights["texture"] = TEXTURE_BESIDE_STRUCTURE if gentle else TEXTURE_BESIDE_OTHERS
        weights["overlap"] = OVERLAP_BESIDE_OTHERS
    if kinds >= {"melody", "structure"}:
        weights["structure"] = STRUCTURE_BESIDE_MELODY
    if "overlap" in kinds:
        weights["texture"] = TEXTURE_TO_OVERLAP * weights["overlap"]
    return {name: weights[name] for name in sorted(kinds)}
