"""Self-similarity: which moments of the music sound alike, as a matrix of moments by moments.

    log-mel (batch, bins, frames) -> timbre (batch, 19, frames) -> S = timbre^T timbre

Verse and chorus show as blocks. 1: the same timbre; 0: unrelated; -1: opposite.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, "Musical Structure Control" and appendix F.
Chosen: 20 MFCCs as librosa's, of which the first, the level, is left out; each standardized over
time, then each frame scaled to length 1, so that S lies in [-1, 1]; smoothing over one second along
both axes with a filter of order 2. Music that never changes has no timbre in this sense: S is 0.
"""

import torch
from scipy.fft import dct

from engine.features.savitzky_golay import smooth
from engine.shapes import Features, Similarity, Timbre

COEFFICIENTS = 20
SMOOTHING_SECONDS = 1.0
NO_CHANGE = 0.1
"""A coefficient that moves less than this over time, in dB, does not move."""


def cepstrum(log_mel: Features) -> Timbre:
    """Return the first 20 MFCCs of `log_mel` (dB): equals `librosa.feature.mfcc`."""
    bins = log_mel.shape[1]
    cosines = dct(torch.eye(bins, dtype=torch.float64).numpy(), axis=0, norm="ortho")
    return torch.from_numpy(cosines[:COEFFICIENTS]).to(log_mel) @ log_mel


def timbre(log_mel: Features) -> Timbre:
    """Return each moment's timbre (batch, 19, frames): a direction, whatever the level."""
    coefficients = cepstrum(log_mel)[:, 1:]
    moves = coefficients - coefficients.mean(dim=-1, keepdim=True)
    variance = moves.square().mean(dim=-1, keepdim=True)
    standardized = moves / (variance + NO_CHANGE**2).sqrt()
    return standardized / (standardized.square().sum(dim=1, keepdim=True) + 1e-6).sqrt()


def self_similarity(timbre: Timbre, *, smoothing: int | None = None) -> Similarity:
    """Return the similarity of every moment to every other.

    `smoothing` is the filter's window, an odd number of frames; None: as it is (appendix F).
    """
    # A filter along both axes of a product is the filter on its factors: W (T'T) W' = (TW')'(TW').
    smoothed = timbre if smoothing is None else smooth(timbre, window=smoothing)
    return smoothed.mT @ smoothed
