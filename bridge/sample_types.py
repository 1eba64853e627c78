"""How a file stores its samples, and the exact way from there to full scale 1 and back.

Every PCM width is kept in int32, left-aligned, as libsndfile reads and writes it without loss::

    PCM_16    int32, low 16 bits zero    float = int32 / 2^31, exact up to 24 bits in float32
    FLOAT     float32                    the file's own numbers
    DOUBLE    float64

libsndfile's own float path is not used: it reads PCM as n / 2^15 but writes x * (2^15 - 1), so a
sample that nobody touched would come back changed.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[Any]
"""(samples, channels): int32, float32 or float64, as the sample type says."""

PCM_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
LINEAR = frozenset({*PCM_BITS, "FLOAT", "DOUBLE"})

_DECODES_TO = {
    "ALAC_16": "PCM_16",
    "ALAC_20": "PCM_24",
    "ALAC_24": "PCM_24",
    "ALAC_32": "PCM_32",
    "ULAW": "PCM_16",
    "ALAW": "PCM_16",
    "IMA_ADPCM": "PCM_16",
    "MS_ADPCM": "PCM_16",
    "GSM610": "PCM_16",
}
_NEXT_BEST = {
    "PCM_S8": ("PCM_U8", "PCM_16"),
    "PCM_U8": ("PCM_S8", "PCM_16"),
    "PCM_16": ("PCM_24",),
    "PCM_24": ("PCM_32", "FLOAT"),
    "PCM_32": ("DOUBLE", "PCM_24"),
    "FLOAT": ("DOUBLE", "PCM_24"),
    "DOUBLE": ("FLOAT", "PCM_24"),
}
_FULL_SCALE = 2.0**31


def decoded(subtype: str) -> str:
    """Return the sample type that holds what libsndfile decodes from `subtype`, exactly.

    Vorbis, Opus and MPEG decode to float.
    """
    return subtype if subtype in LINEAR else _DECODES_TO.get(subtype, "FLOAT")


def best_of(available: frozenset[str], sample_type: str) -> str:
    """Return `sample_type` if it is available, else the one that loses least; "" if none is."""
    wishes = (sample_type, *_NEXT_BEST[sample_type])
    return next((wish for wish in wishes if wish in available), "")


def holds(sample_type: str, other: str) -> bool:
    """Return whether every sample of `other` is a sample of `sample_type` too."""
    exact = {"FLOAT": 24, "DOUBLE": 53}
    if other in exact:
        return exact.get(sample_type, 0) >= exact[other]
    return (exact | PCM_BITS)[sample_type] >= PCM_BITS[other]


def float_of(sample_type: str) -> type[np.float32] | type[np.float64]:
    """Return the float that holds every sample of this type at full scale 1."""
    return np.float64 if sample_type in ("PCM_32", "DOUBLE") else np.float32


def dtype_of(sample_type: str) -> type[np.int32] | type[np.float32] | type[np.float64]:
    """Return the number type that keeps this sample type exactly."""
    return np.int32 if sample_type in PCM_BITS else float_of(sample_type)


def to_float(samples: Samples, sample_type: str) -> Samples:
    """Return the samples at full scale 1, exactly, as `float_of` says."""
    if sample_type not in PCM_BITS:
        return samples
    return np.divide(samples, _FULL_SCALE, dtype=float_of(sample_type))


def from_float(samples: Samples, sample_type: str) -> Samples:
    """Return full-scale-1 samples as this sample type: rounded to nearest, clipped, no dither.

    Dither is left out on purpose: equal samples in must give equal bits out, and the music around
    already has its own noise floor.
    """
    if sample_type not in PCM_BITS:
        return samples.astype(dtype_of(sample_type))
    bits = PCM_BITS[sample_type]
    steps = 2.0 ** (bits - 1)
    whole = np.clip(np.rint(samples.astype(np.float64) * steps), -steps, steps - 1)
    return whole.astype(np.int32) << (32 - bits)


def convert(samples: Samples, sample_type: str, wanted: str) -> Samples:
    """Return the samples as another sample type, exactly where it can hold them."""
    both_pcm = sample_type in PCM_BITS and wanted in PCM_BITS
    if sample_type == wanted or (both_pcm and holds(wanted, sample_type)):
        return samples
    return from_float(to_float(samples, sample_type), wanted)
