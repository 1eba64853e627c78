"""The style recognizer: it knows the bundled clips, and what it is fitted to."""

import torch

from engine.evaluation.control_clips import bundled_clips
from engine.evaluation.style_recognizer import fit, style_recognizer
from engine.models.tags import STYLES
from engine.rate import resample


def test_the_bundled_clips_have_the_style_they_were_composed_in() -> None:
    recognizer = style_recognizer()
    for known in bundled_clips():
        assert recognizer.style(known.clip.audio, known.clip.sample_rate) == known.setting.style


def test_rate_and_channels_do_not_matter() -> None:
    known = bundled_clips()[0]
    halved = resample(known.clip.audio.mean(0, keepdim=True), known.clip.sample_rate, 32000)
    assert style_recognizer().style(halved, 32000) == known.setting.style


def test_fitted_to_separate_clouds_it_tells_them_apart() -> None:
    generator = torch.Generator().manual_seed(0)
    centers = 5 * torch.randn(len(STYLES), 20, generator=generator)
    labels = [i % len(STYLES) for i in range(200)]
    features = centers[labels] + torch.randn(200, 20, generator=generator)
    assert fit(features, labels).styles_of(features) == [STYLES[i] for i in labels]


def test_as_many_numbers_as_it_says() -> None:
    recognizer = style_recognizer()
    assert recognizer.weights.shape == (10, 117)
    assert recognizer.mean.shape == recognizer.deviation.shape == (117,)
