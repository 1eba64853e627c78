"""A checkpoint gives back every bit, or nothing at all."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import torch

from bridge.paths import checkpoint_file
from bridge.worker import checkpoints
from bridge.worker.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from engine.tasks import TaskState

X = torch.tensor([[1.5, -0.0, float("nan")], [1e-45, 3.0, 4.0]])


def save(folder: Path, **tensors: torch.Tensor) -> None:
    write_checkpoint(folder, "job", Checkpoint(TaskState(tensors, {"note": "é\n"}), 0.1))


@pytest.mark.parametrize(
    "tensor",
    [X, X.double(), X.T, X[:, 1], torch.get_rng_state(), torch.tensor(3), torch.zeros(0)],
    ids=["f32", "f64", "transposed", "column", "generator", "scalar", "empty"],
)
def test_tensors_come_back_bit_by_bit(tmp_path: Path, tensor: torch.Tensor) -> None:
    save(tmp_path, x=tensor)
    checkpoint = read_checkpoint(tmp_path, "job")
    assert checkpoint is not None
    back = checkpoint.state.tensors["x"]
    assert (back.dtype, back.shape) == (tensor.dtype, tensor.shape)
    assert back.numpy().tobytes() == tensor.numpy().tobytes()


def test_text_and_time_come_back(tmp_path: Path) -> None:
    save(tmp_path, x=X)
    checkpoint = read_checkpoint(tmp_path, "job")
    assert checkpoint is not None
    assert (checkpoint.state.text, checkpoint.seconds) == ({"note": "é\n"}, 0.1)


def test_tensors_that_share_memory_are_saved_apart(tmp_path: Path) -> None:
    save(tmp_path, x=X, y=X)
    assert read_checkpoint(tmp_path, "job") is not None


def test_no_checkpoint_is_none(tmp_path: Path) -> None:
    assert read_checkpoint(tmp_path, "job") is None


def test_half_a_checkpoint_is_none(tmp_path: Path) -> None:
    save(tmp_path, x=X)
    file = checkpoint_file(tmp_path, "job")
    file.write_bytes(file.read_bytes()[:-1])
    assert read_checkpoint(tmp_path, "job") is None


def test_another_versions_checkpoint_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, x=X)
    monkeypatch.setattr(checkpoints, "installed_version", lambda: "another")
    assert read_checkpoint(tmp_path, "job") is None


def test_a_full_disk_keeps_the_old_checkpoint_and_nothing_of_the_new(
    tmp_path: Path, full_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    old, new = (TaskState({"x": torch.full((1000,), x)}, {}) for x in (1.0, 2.0))
    write_checkpoint(tmp_path, "job", Checkpoint(old, 1.0))
    with full_disk(2000), pytest.raises(OSError, match="too large"):
        write_checkpoint(tmp_path, "job", Checkpoint(new, 2.0))
    kept = read_checkpoint(tmp_path, "job")
    assert kept is not None
    assert torch.equal(kept.state.tensors["x"], old.tensors["x"])
    assert len(list(tmp_path.iterdir())) == 1
