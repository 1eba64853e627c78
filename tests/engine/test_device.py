"""Which device is chosen, and what is free on it, without a GPU."""

from typing import Any

import pytest
import torch

from engine.device import best_device, free_bytes, named_device
from engine.errors import NoGpuError


def test_a_machine_that_runs_this_has_a_megabyte_left_and_less_than_a_petabyte() -> None:
    assert 2**20 < free_bytes(torch.device("cpu")) < 2**50


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.fixture
def old_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that CUDA finds, and that this torch has no code for."""

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("CUDA error: no kernel image is available\nCompile with ...")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "ones", fail)


@pytest.mark.parametrize("machine", ["no_gpu", "old_gpu"])
def test_without_a_gpu_that_computes_the_cpu_is_best(
    machine: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(machine)
    assert best_device() == named_device("") == named_device("cpu") == torch.device("cpu")
    with pytest.raises(NoGpuError, match=r"Choose the CPU instead\.$"):
        named_device("cuda")


def test_of_a_gpu_that_does_not_compute_its_own_first_words_are_told(old_gpu: None) -> None:
    with pytest.raises(NoGpuError, match=r"\(CUDA error: no kernel image is available\)"):
        named_device("cuda")
