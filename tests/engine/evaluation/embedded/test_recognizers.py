"""The recognizers tell apart what sounds different, and score by chance what does not."""

from dataclasses import replace

import pytest
import torch

from engine.evaluation.embedded.recognizers import Recognizers, sound_features
from engine.training.corpus.composition import compose

DRAWN = compose(0)[0]
PIECES = [replace(DRAWN, style=f"style {i % 3}", drums=i % 2 == 0) for i in range(120)]
GENERATOR = torch.Generator().manual_seed(0)
FEATURES = torch.randn(120, 12, generator=GENERATOR)
FEATURES[:, 0] += torch.tensor([6.0 * (i % 3) for i in range(120)])
FEATURES[:, 1] += torch.tensor([6.0 * piece.drums for piece in PIECES])


def test_separate_clouds_are_recognized() -> None:
    recognizers = Recognizers.of(FEATURES, PIECES)
    assert recognizers.style_accuracy(FEATURES, PIECES) > 0.95
    assert recognizers.instruments_score(FEATURES, PIECES) > 0.99


def test_against_others_words_an_instrument_scores_its_share() -> None:
    recognizers = Recognizers.of(FEATURES, PIECES)
    order = torch.randperm(120, generator=torch.Generator().manual_seed(1)).tolist()
    others = [PIECES[i] for i in order]
    assert recognizers.instruments_score(FEATURES, others) == pytest.approx(0.5, abs=0.15)


def test_features_are_of_the_sound_alone() -> None:
    mel = torch.randn(3, 160, 512, generator=GENERATOR)
    features = sound_features(mel)
    assert features.shape == (3, 899)
    assert torch.allclose(sound_features(mel.flip(0)), features.flip(0), atol=1e-5)
