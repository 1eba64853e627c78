"""What ships is half as large, says nothing about where it came from, and fits."""

from pathlib import Path

import pytest
from safetensors.torch import load_file

from engine.models.denoiser import Denoiser
from engine.models.mel_codec import MelCodec
from engine.training import export as module
from engine.training.export import assemble, export


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    net = Denoiser(latent_channels=4, latent_frames=8, width=16, depth=1, heads=2, tag_width=8)
    MelCodec(mid_bins=8, side_bins=2, latent_channels=4).save_pretrained(tmp_path / "train/codec")
    for part in ("base", "student"):
        net.save_pretrained(tmp_path / part)
    return tmp_path


def test_a_model_is_in_half_precision_and_names_no_folder(trained: Path) -> None:
    model = assemble(trained)
    for part in ("codec", "base", "student"):
        (weights,) = (model / part).glob("*.safetensors")
        kinds = {str(tensor.dtype) for tensor in load_file(weights).values()}
        assert kinds == {"torch.float16"}
        assert str(trained) not in (model / part / "config.json").read_text()


def test_the_base_stays_behind_where_it_would_not_fit(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [trained / part / "weights.safetensors" for part in ("base", "train/codec")]
    base, codec = (file.stat().st_size // 2 for file in files)
    monkeypatch.setattr(module, "LIMIT_BYTES", base + codec + base // 2)
    assert sorted(part.name for part in assemble(trained).iterdir()) == ["codec", "student"]


def test_an_export_replaces_its_parts_and_leaves_the_rest(trained: Path, tmp_path: Path) -> None:
    target = tmp_path / "weights"
    (target / "base").mkdir(parents=True)
    (target / "base" / "weights-7.safetensors").touch()
    (target / "MODEL_CARD.md").touch()
    export(assemble(trained), target)
    assert not (target / "base" / "weights-7.safetensors").exists()
    assert {p.name for p in target.iterdir()} == {"codec", "base", "student", "MODEL_CARD.md"}
    assert Denoiser.from_pretrained(target / "base").config.width == 16
