"""Music that is made and finds no room on the disk waits for it."""

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_music import FakeModel, perform

from bridge.blobs import BlobStore
from bridge.pipe import Finished, Halted, Setup, Work
from bridge.worker import serve
from bridge.worker.serve import Worker
from plugin_protocol.messages import JobProgress
from plugin_protocol.values import Generate, Task

WORK = Work(job="job", task=Task(objectives=(Generate(seconds=1),), prompt="3"))
TIMES_FULL = 3


class PaperChannel:
    """Notes what the worker says, and after so many complaints lets the job stop, or the daemon."""

    def __init__(self, folder: Path) -> None:
        self.setup = Setup(
            **dict.fromkeys(
                ("blobs", "previews", "checkpoints", "clap", "models", "log"), str(folder)
            ),
            model="fake", checkpoint_seconds=9.0, preview_seconds=9.0, keep_seconds=9.0,
        )  # fmt: skip
        self.said: list[Any] = []
        self.stops_after = self.parks_after = 99

    @property
    def complaints(self) -> list[str]:
        return [each.note for each in self.said if isinstance(each, JobProgress) and each.note]

    @property
    def is_parking(self) -> bool:
        return len(self.complaints) >= self.parks_after

    def is_stopped(self, job: str) -> bool:
        return len(self.complaints) >= self.stops_after

    def is_finishing(self, job: str) -> bool:
        return False

    def is_yielding(self, job: str) -> bool:
        return False

    def send(self, message: Any) -> None:
        self.said.append(message)


@pytest.fixture
def channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PaperChannel:
    """A worker's channel; the disk is full for the first `TIMES_FULL` blobs."""
    monkeypatch.setattr(serve, "ROOM_SECONDS", 0.0)
    write, refused = BlobStore.write, []

    def write_if_there_is_room(blobs: BlobStore, data: Any) -> bytes:
        if len(refused) < TIMES_FULL:
            refused.append(data)
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(blobs, data)

    monkeypatch.setattr(BlobStore, "write", write_if_there_is_room)
    return PaperChannel(tmp_path)


def do(channel: PaperChannel) -> None:
    models = SimpleNamespace(named=lambda name, task: FakeModel())
    Worker(channel, models, perform=perform).do(WORK)  # type: ignore[arg-type]


def test_it_is_delivered_once_there_is_room(channel: PaperChannel) -> None:
    do(channel)
    assert len(channel.complaints) == TIMES_FULL
    assert "disk is full" in channel.complaints[0]
    assert isinstance(channel.said[-1], Finished)


def test_its_user_may_give_it_up(channel: PaperChannel) -> None:
    channel.stops_after = 2
    do(channel)
    assert (len(channel.complaints), channel.said[-1]) == (2, Halted(job="job"))


def test_the_daemon_may_leave_and_the_job_goes_on_later(channel: PaperChannel) -> None:
    channel.parks_after = 2
    do(channel)
    assert len(channel.complaints) == 2
    assert not [each for each in channel.said if isinstance(each, Finished | Halted)]
