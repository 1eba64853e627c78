"""A search on disk: whole, exact, or refused."""

import math
from pathlib import Path

import pytest
import torch

from engine.checkpoint import from_tensors, read, to_tensors, write
from engine.errors import EngineError
from engine.optimizer import OptimizerState


def state() -> OptimizerState:
    x_T, mean, square = torch.randn(3, 1, 4, 8).unbind()
    # The best so far is the present one: both names mean one tensor.
    return OptimizerState(
        x_T=x_T, mean=mean, square=square, best_x_T=x_T, iteration=3, best_loss=0.1 + 0.2
    )


def test_every_bit_and_every_number_comes_back(tmp_path: Path) -> None:
    written = state()
    write(tmp_path / "search", *to_tensors(written))
    read_back = from_tensors(*read(tmp_path / "search"))
    for name in ("x_T", "mean", "square", "best_x_T"):
        assert torch.equal(getattr(read_back, name), getattr(written, name))
    assert (read_back.iteration, read_back.best_loss) == (3, 0.1 + 0.2)
    assert read_back.reference_loss == math.inf


def test_writing_again_replaces_and_leaves_one_file(tmp_path: Path) -> None:
    write(tmp_path / "search", *to_tensors(state()))
    write(tmp_path / "search", {"x_T": torch.ones(1)}, {"iteration": "9"})
    tensors, text = read(tmp_path / "search")
    assert (list(tensors), text) == (["x_T"], {"iteration": "9"})
    assert [path.name for path in tmp_path.iterdir()] == ["search"]


def test_a_missing_checkpoint_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"search cannot be read .* Start the job again\."):
        read(tmp_path / "search")


def test_half_a_checkpoint_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "search"
    write(path, *to_tensors(state()))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(EngineError, match=r"search cannot be read .* Start the job again\."):
        read(path)
