"""What a worker does while there is nothing to do."""

from pathlib import Path
from queue import Empty
from types import SimpleNamespace
from typing import Any, cast

from bridge.pipe import Load, Setup, WorkerState
from bridge.worker.serve import serve
from plugin_protocol.messages import ModelState

HOUR = 3600.0


class Front:
    """Stands in for the channel: an hour passes (`None`), or there is something to do."""

    def __init__(self, folder: Path, *happens: Load | None) -> None:
        places = ("blobs", "previews", "checkpoints", "clap", "log")
        folders = {name: str(folder / name) for name in places}
        seconds = {"checkpoint_seconds": 1.0, "preview_seconds": 1.0, "keep_seconds": HOUR}
        self.setup = Setup(**folders, **seconds, model="a")
        self.happens = list(happens)
        self.waited: list[float | None] = []
        self.told: list[str] = []

    def next_work(self, *, within: float | None = None) -> Load | None:
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


def told_by_a_worker(front: Front) -> list[str]:
    def load(name: str) -> Any:
        return SimpleNamespace(digest=name, sample_rate=44100)

    unused = cast(Any, None)
    serve(cast(Any, front), load=load, load_clap=unused, available=tuple, perform=unused)
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
