"""Demos: one of each style, said in words that the model understands."""

from pathlib import Path

import pytest
import soundfile as sf
import torch

from engine.evaluation.embedded import demos
from engine.models.embedded import load
from engine.models.tags import parse_tags

MODEL = load()


def test_there_is_a_piece_of_every_style() -> None:
    styles = MODEL.denoiser.understands.styles
    assert [piece.style for piece in demos.pieces_of(styles, MODEL)] == list(styles)


def test_a_demo_is_a_window_of_sound_a_picture_and_its_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one(model: object) -> list[demos.Demo]:
        audio = 0.1 * torch.randn(2, 4410, generator=torch.Generator().manual_seed(0))
        prompt = "calm hip hop, A minor, drums, steady, 90 bpm"
        return [demos.Demo("hip hop", prompt, audio.numpy(), torch.zeros(128, 40))]

    monkeypatch.setattr(demos, "demos", one)
    demos.write(tmp_path, MODEL)
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {"hip-hop.flac", "hip-hop.png", "sheet.png", "README.md"}
    assert sf.info(tmp_path / "hip-hop.flac").frames == 4410
    assert "calm hip hop, A minor" in (tmp_path / "README.md").read_text()


def test_the_real_demo_follows_the_tempo_in_its_prompt() -> None:
    demo = next(iter(demos.demos(MODEL)))
    assert parse_tags(demo.prompt).bpm is not None
    window = MODEL.max_latent_frames * MODEL.hop_length
    assert demo.audio.shape == (2, window)
    assert demo.log_mel.shape[0] == MODEL.codec.config.mid_bins
