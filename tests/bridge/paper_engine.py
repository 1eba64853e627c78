"""A worker's engine without a process: a few iterations, a checkpoint, music by its seed."""

from collections import Counter
from typing import Any

from bridge.pipe import Halt, Work, Yield
from plugin_protocol.values import Result


def music_of(seed: int, *, is_whole: bool) -> bytes:
    return f"music of seed {seed}, {'whole' if is_whole else 'cut short'}".encode()


class Engine:
    """What a worker does. Its result is a function of the seed; its checkpoints outlive it."""

    def __init__(self, checkpoints: Counter[str]) -> None:
        self.checkpoints = checkpoints
        self.work: Work | None = None
        self.made: Result | None = None
        """Its result, stored and not yet told of."""
        self.halted = ""
        self.is_yielding = False
        self.read = 0

    def take(self, sent: list[Any]) -> None:
        """Read what has been sent since the last time."""
        for message in sent[self.read :]:
            match message:
                case Work():
                    assert self.work is None, "one job at a time"
                    self.work, self.made = message, None
                    self.halted, self.is_yielding = "", False
                case Halt(job=job, mode=mode) if self.work and job == self.work.job:
                    self.halted = mode
                case Yield(job=job) if self.work and job == self.work.job:
                    self.is_yielding = True
        self.read = len(sent)
