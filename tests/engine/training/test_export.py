"""What is exported is half as large and says nothing about where it came from."""

from pathlib import Path

from safetensors.torch import load_file

from engine.models.denoiser import Denoiser
from engine.models.mel_codec import MelCodec
from engine.training.export import export


def test_an_export_is_in_half_precision_and_names_no_folder(tmp_path: Path) -> None:
    net = Denoiser(latent_channels=4, latent_frames=8, width=16, depth=1, heads=2, tag_width=8)
    MelCodec(mid_bins=8, side_bins=2, latent_channels=4).save_pretrained(tmp_path / "train/codec")
    for part in ("base", "student"):
        net.save_pretrained(tmp_path / part)
    export(tmp_path, tmp_path / "out")
    for part in ("codec", "base", "student"):
        (weights,) = (tmp_path / "out" / part).glob("*.safetensors")
        kinds = {str(tensor.dtype) for tensor in load_file(weights).values()}
        assert kinds == {"torch.float16"}
        assert str(tmp_path) not in (tmp_path / "out" / part / "config.json").read_text()
