"""What the worker expects of the engine, so that tests may put a quicker one in its place."""

from collections.abc import Callable, Iterator
from typing import Protocol

from engine.frugality import Frugality
from engine.models.clap import Clap
from engine.models.music_model import MusicModel
from engine.tasks import Clip, Request, TaskState, Update


class JobStopped(Exception):  # noqa: N818 - nothing went wrong
    """The job is to end in the middle of what is done between two updates."""


class Perform(Protocol):
    """The shape of engine.tasks.perform."""

    def __call__(
        self,
        request: Request,
        clip: Clip | None,
        model: MusicModel,
        *,
        clap: Clap | None = None,
        resume: TaskState | None = None,
        finish: Callable[[], bool] = ...,
        pause: Callable[[], None] = ...,
        frugality: Frugality = ...,
    ) -> Iterator[Update]:
        """Yield progress and, last, the result."""
        ...
