"""The style recognizer: it knows the bundled clips, and what it is fitted to."""

from pathlib import Path

import torch

from engine.evaluation.control_clips import bundled_clips
from engine.evaluation.style_recognizer import PATH, fit, save, style_recognizer
from engine.rate import resample


def test_the_bundled_clips_have_the_style_they_were_composed_in() -> None:
    recognizer = style_recognizer()
    for known in bundled_clips():
        assert recognizer.style(known.clip.audio, known.clip.sample_rate) == known.setting.style


def test_channels_do_not_matter_nor_does_a_rate_that_keeps_the_top() -> None:
    for known in bundled_clips():
        mono = known.clip.audio.mean(0, keepdim=True)
        heard = resample(mono, known.clip.sample_rate, 48000)
        assert style_recognizer().style(heard, 48000) == known.setting.style


def test_fitted_to_separate_clouds_it_tells_them_apart() -> None:
    generator = torch.Generator().manual_seed(0)
    centers = 5 * torch.randn(4, 20, generator=generator)
    names = [f"style {i % 4}" for i in range(200)]
    features = centers.repeat(50, 1) + torch.randn(200, 20, generator=generator)
    assert fit(features, names).styles_of(features) == names


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    recognizer = style_recognizer()
    save(recognizer, tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == PATH.read_bytes()
