"""Which style, which instruments? Logistic regression on what real training clips sound like.

    log-mel (clips, bins, frames) in dB  ->  (clips, features)  ->  style; score of each instrument

How good it is on real held-out clips is part of every table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from engine.evaluation.music_metrics import summary_features
from engine.training.corpus.composition import Composition

REGULARITY = 0.1
"""scikit-learn's C; of 0.001, 0.01 and 0.1 the best on held-out clips."""
QUANTILES = (0.1, 0.9)
CEPSTRUM = 40
FEWEST = 5
"""Clips with an instrument, and clips without, that its score needs."""


def sound_features(log_mel: Tensor) -> Tensor:
    """Return what a clip sounds like, (clips, 899): spectrum, its moves and shape, its tempogram.

    `log_mel` is that of mid and side, mid first, (clips, 160, frames).
    """
    scaled = log_mel / 20
    mid = scaled[:, :128]
    rises = (mid[..., 1:] - mid[..., :-1]).clamp_min(0)
    # Every fourth frame tells the quantiles as well, in a quarter of the time.
    quantiles = torch.quantile(mid[..., ::4], torch.tensor(QUANTILES), dim=2)
    cepstrum = torch.fft.rfft(mid - mid.mean(1, keepdim=True), dim=1).abs()[:, 1:CEPSTRUM]
    statistics = (
        scaled.mean(2),
        scaled.std(2),
        rises.mean(2),
        *quantiles,
        cepstrum.mean(2),
        cepstrum.std(2),
    )
    return torch.cat([summary_features(log_mel[:, :128]), *statistics], 1)


@dataclass(frozen=True)
class Recognizers:
    """Fitted on real clips: one for the style, one for each instrument."""

    style: Pipeline
    instruments: dict[str, Pipeline]

    @classmethod
    def of(cls, features: Tensor, pieces: Sequence[Composition]) -> "Recognizers":
        """Return the recognizers of the styles and instruments that these clips have."""
        style = _fitted(features, [piece.style for piece in pieces])
        names = sorted({name for piece in pieces for name in piece.instruments})
        plays = {name: _plays(name, pieces) for name in names}
        return cls(style, {n: _fitted(features, had) for n, had in plays.items() if _tells(had)})

    def style_accuracy(self, features: Tensor, pieces: Sequence[Composition]) -> float:
        """Return the share of clips heard in the style of their piece."""
        return float(self.style.score(features.numpy(), [piece.style for piece in pieces]))

    def instruments_score(self, features: Tensor, pieces: Sequence[Composition]) -> float:
        """Return how well clips that should have an instrument are told from those without.

        Average precision, 1 at best, the share of clips that have it by chance; the mean over the
        instruments that at least five of the pieces have and five have not.
        """
        scores = [
            average_precision_score(wanted, recognizer.decision_function(features.numpy()))
            for name, recognizer in self.instruments.items()
            if _tells(wanted := _plays(name, pieces))
        ]
        return float(np.mean(scores))


def _plays(name: str, pieces: Sequence[Composition]) -> list[bool]:
    return [name in piece.instruments for piece in pieces]


def _tells(had: Sequence[bool]) -> bool:
    """Return whether enough clips have it, and enough have not."""
    return FEWEST <= sum(had) <= len(had) - FEWEST


def _fitted(features: Tensor, labels: Sequence[str] | Sequence[bool]) -> Pipeline:
    regression = LogisticRegression(C=REGULARITY, max_iter=500)
    numbers: NDArray[np.float32] = features.numpy()
    return make_pipeline(StandardScaler(), regression).fit(numbers, labels)
