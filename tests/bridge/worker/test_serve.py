"""What a worker does while there is nothing to do."""

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch

from bridge.pipe import Failed, Halted, Load, Setup, Work, WorkerState
from bridge.worker.serve import serve
from engine.tasks import Update
from plugin_protocol.messages import ModelState
from plugin_protocol.values import Generate, Task

HOUR = 3600.0


class Front:
    """Stands in for the channel: an hour passes (`None`), or there is something to do."""

    def __init__(self, folder: Path, *happens: Load | Work | None) -> None:
        places = ("blobs", "previews", "checkpoints", "clap", "models", "log")
        folders = {name: str(folder / name) for name in places}
        seconds = {"checkpoint_seconds": 1.0, "preview_seconds": 1.0, "keep_seconds": HOUR}
        self.setup = Setup(**folders, **seconds, model="a")
        self.happens = list(happens)
        self.waited: list[float | None] = []
        self.told: list[str] = []
        self.stopped: set[str] = set()

    def is_stopped(self, job: str) -> bool:
        return job in self.stopped

    def next_work(self, *, within: float | None = None) -> Load | Work | None:
        self.waited.append(within)
        if not self.happens:
            return None  # time to leave
        if (work := self.happens.pop(0)) is None:
            raise Empty
        return work

    def send(self, message: Any) -> None:
        if isinstance(message, ModelState):
            self.told.append(f"{message.model.name} {message.model.state}")
        elif isinstance(message, WorkerState):
            self.told.append(message.state)
        elif isinstance(message, Halted):
            self.told.append("halted")
        elif isinstance(message, Failed):
            self.told.append(message.failure.code)


def told_by_a_worker(front: Front, perform: Any = None) -> list[str]:
    def load(name: str) -> Any:
        return SimpleNamespace(digest=name, sample_rate=44100)

    unused = cast(Any, None)
    serve(cast(Any, front), load=load, load_clap=unused, available=tuple, perform=perform)
    return front.told


def test_a_worker_that_rests_for_long_lets_go_of_its_model_and_loads_it_when_asked(
    tmp_path: Path,
) -> None:
    front = Front(tmp_path, None, Load(model="a"))
    begin = ["loading", "a loading", "a ready", "idle"]
    assert told_by_a_worker(front) == [*begin, "a unloaded", *begin]
    # Without a model there is nothing to let go of, and no reason to wake up.
    assert front.waited == [HOUR, None, HOUR]


def test_a_model_that_is_loaded_ahead_takes_the_place_of_the_last(tmp_path: Path) -> None:
    told = told_by_a_worker(Front(tmp_path, Load(model="b")))
    assert told[4:] == ["loading", "a unloaded", "b loading", "b ready", "idle"]


def working(front: Front, error: Exception) -> list[str]:
    """What a worker tells of two jobs that fail with `error`."""

    def perform(*_: object, **__: object) -> None:
        raise error

    task = Task(objectives=(Generate(seconds=1),), model="a")
    front.happens = [Work(job="1", task=task), Work(job="2", task=task)]
    return told_by_a_worker(front, perform)


def test_what_goes_wrong_with_a_job_is_its_failure(tmp_path: Path) -> None:
    told = working(Front(tmp_path), RuntimeError("shapes differ"))
    assert told[4:] == ["INTERNAL", "idle"] * 2


def test_a_lost_gpu_is_nobodys_failure_and_ends_the_worker(tmp_path: Path) -> None:
    """Each job after it would fail. The front starts another worker, and this job goes on there."""
    front = Front(tmp_path)
    with pytest.raises(RuntimeError, match="illegal memory access"):
        working(front, RuntimeError("CUDA error: an illegal memory access was encountered"))
    assert front.told[4:] == []
    assert len(front.happens) == 1


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    ],
    ids=["allocator", "CUDA", "cuBLAS"],
)
def test_a_gpu_that_is_full_is_not_lost(tmp_path: Path, error: Exception) -> None:
    told = working(Front(tmp_path), error)
    assert told[4:] == ["GPU_OOM", "idle"] * 2


def test_a_job_that_is_stopped_while_the_engine_listens_is_halted(tmp_path: Path) -> None:
    front = Front(tmp_path, Work(job="1", task=Task(objectives=(Generate(seconds=1),), model="a")))
    front.stopped = {"1"}

    def perform(*_: object, pause: Callable[[], None], **__: object) -> Iterator[Update]:
        pause()
        yield Update("decoding", 0, 0)

    assert told_by_a_worker(front, perform)[4:] == ["halted", "idle"]
