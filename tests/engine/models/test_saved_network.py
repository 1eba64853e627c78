"""A network comes back from its folder as it was."""

import copy
from pathlib import Path

import pytest
import torch

from engine.models import saved_network
from engine.models.saved_network import SavedNetwork


class Scale(SavedNetwork):
    def __init__(self, size: int = 3, names: tuple[str, ...] = ("low", "high")) -> None:
        super().__init__()
        self.gain = torch.nn.Parameter(torch.ones(size))
        self.register_buffer("table", torch.zeros(2), persistent=False)


def test_arguments_and_weights_survive(tmp_path: Path) -> None:
    scale = Scale(4)
    torch.nn.init.normal_(scale.gain)
    scale.save_pretrained(tmp_path)
    again = Scale.from_pretrained(tmp_path)
    assert torch.equal(scale.gain, again.gain)
    assert again.config.size == 4
    assert list(again.config.names) == ["low", "high"]


def test_half_precision_is_stored_as_such_and_read_in_single(tmp_path: Path) -> None:
    Scale().half().save_pretrained(tmp_path)
    assert Scale.from_pretrained(tmp_path).gain.dtype == torch.float32


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    Scale(4).save_pretrained(tmp_path)
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace("4", "5"))
    with pytest.raises(RuntimeError, match="gain"):
        Scale.from_pretrained(tmp_path)


def test_a_copy_is_configured_too() -> None:
    assert copy.deepcopy(Scale(5)).config.size == 5


def test_large_weights_are_split_over_files_and_old_files_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Many(SavedNetwork):
        def __init__(self) -> None:
            super().__init__()
            self.layers = torch.nn.ParameterList(list(torch.randn(6, 1000)))

    many = Many()
    many.save_pretrained(tmp_path)
    monkeypatch.setattr(saved_network, "LARGEST_FILE", 9000)
    many.save_pretrained(tmp_path)
    files = sorted(file.name for file in tmp_path.glob("*.safetensors"))
    assert files == [f"weights-{i}.safetensors" for i in (1, 2, 3)]
    again = Many.from_pretrained(tmp_path)
    assert all(torch.equal(a, b) for a, b in zip(many.layers, again.layers, strict=True))
