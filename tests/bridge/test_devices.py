"""How many workers there are: one for each GPU that CUDA would show to the daemon."""

from pathlib import Path

import pytest

from bridge import daemon
from bridge import devices as counting
from bridge.devices import devices
from bridge.settings import Settings


@pytest.fixture(autouse=True)
def torch_for_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "version", lambda name: "2.5.1+cu124")


@pytest.fixture
def nodes(tmp_path: Path) -> Path:
    """What two GPUs, and what belongs to none of them, look like."""
    for name in ("nvidia0", "nvidia3", "nvidiactl", "nvidia-uvm", "nvidia-caps", "null"):
        (tmp_path / name).touch()
    return tmp_path


def test_each_gpu_has_a_worker_that_sees_it_alone(nodes: Path) -> None:
    assert devices({}, nodes=nodes) == ("0", "1")


def test_without_a_gpu_there_is_one_worker_that_is_told_nothing(tmp_path: Path) -> None:
    assert devices({}, nodes=tmp_path) == ("",)


@pytest.mark.parametrize(
    ("variable", "found"),
    [
        ("1", ("1",)),
        ("2, 0", ("2", "0")),
        ("GPU-8932f937,GPU-46abcd0e", ("GPU-8932f937", "GPU-46abcd0e")),
        ("MIG-05f3e2c1,MIG-1b22aa90", ("MIG-05f3e2c1", "MIG-1b22aa90")),
        ("0,-1,1", ("0",)),
        ("-1", ("",)),
        ("", ("",)),
    ],
)
def test_what_the_variable_hides_has_no_worker(
    nodes: Path, variable: str, found: tuple[str, ...]
) -> None:
    assert devices({"CUDA_VISIBLE_DEVICES": variable}, nodes=nodes) == found


@pytest.mark.parametrize(
    ("options", "workers"),
    [((), ("0", "1")), (("--device", "cpu"), ("",))],
    ids=["left open", "cpu"],
)
def test_a_daemon_that_shall_use_the_cpu_has_one_worker(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], workers: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    asked: list[Settings] = []
    monkeypatch.setattr(daemon, "serve", asked.append)
    daemon.main(options)
    assert [settings.workers for settings in asked] == [workers]


def test_a_torch_for_cpus_needs_no_second_worker(
    nodes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "version", lambda name: "2.5.1+cpu")
    assert devices({"CUDA_VISIBLE_DEVICES": "0,1"}, nodes=nodes) == ("",)
