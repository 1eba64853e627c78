"""Numbers in safetensors files are counted without reading them, whatever their kind."""

import json
from pathlib import Path

import pytest

from bridge.errors import ModelError
from bridge.models.weights import count_numbers


def write(file: Path, **tensors: tuple[str, list[int], int]) -> Path:
    """Write such a file by hand: kind, shape and bytes of each tensor."""
    head, end = {}, 0
    for name, (kind, shape, size) in tensors.items():
        head[name] = {"dtype": kind, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    packed = json.dumps(head).encode()
    file.write_bytes(len(packed).to_bytes(8, "little") + packed + bytes(end))
    return file


def test_numbers_of_all_kinds_count_alike(tmp_path: Path) -> None:
    tensors = {
        "a": ("BF16", [3, 4], 24),
        "b": ("F8_E4M3", [5], 5),
        "c": ("F16", [], 2),
        "d": ("F32", [2, 0], 0),
    }
    assert count_numbers(write(tmp_path / "w.safetensors", **tensors), "w") == 12 + 5 + 1 + 0


@pytest.mark.parametrize("size", [23, 25])
def test_a_head_that_says_more_or_less_than_there_is_is_refused(tmp_path: Path, size: int) -> None:
    file = write(tmp_path / "w.safetensors", a=("BF16", [3, 4], size))
    with pytest.raises(ModelError, match="w is no complete safetensors file"):
        count_numbers(file, "w")
