"""How far a job has come, and the same as tensors and text, to go on from after a crash.

    Progress --save--> TaskState --load--> Saved --tasks.perform--> Progress

Saved is only what cannot be made again: the noise found for each finished window and the search
under way. A resumed job samples and decodes that noise anew; as audio it would be a hundred times
as large. Every number keeps every bit.
"""

from dataclasses import dataclass

import msgspec
import torch
from torch import Tensor

from engine import checkpoint
from engine.canvas import Canvas
from engine.models.music_model import MusicalContext
from engine.optimizer import Iteration, OptimizerState
from engine.shapes import Noise, Samples


@dataclass(frozen=True)
class TaskState:
    """Everything needed to go on after a crash, tensors and text by name.

    On the same CPU the music is then the same bit by bit; a GPU adds up in no fixed order. Tensors
    lie on the CPU, each in memory of its own, as a safetensors file wants them.
    """

    tensors: dict[str, Tensor]
    text: dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """How the search in one window went; a window that followed nothing has no losses."""

    losses: dict[str, float]
    first_losses: dict[str, float]
    iterations: int
    stopped: str


@dataclass(frozen=True)
class Found:
    """The noise `x_T` that holds a window's music, and how it was found."""

    x_T: Noise
    outcome: Outcome


@dataclass(frozen=True)
class WindowReport:
    """How one window went. Levels in dB of its known frames, at `seconds` of the result."""

    outcome: Outcome
    seconds: tuple[float, ...] = ()
    wanted: tuple[float, ...] = ()
    reached: tuple[float, ...] = ()


@dataclass(frozen=True)
class Search:
    """The search under way in one window. `losses` are those of the best noise."""

    iterations: int
    state: OptimizerState
    first_losses: dict[str, float]
    losses: dict[str, float]

    @classmethod
    def after(cls, iteration: Iteration) -> "Search":
        """Return the search after one more iteration."""
        return cls(
            iterations=iteration.iteration + 1,
            state=iteration.state(),
            first_losses=dict(iteration.first_losses),
            losses=dict(iteration.best_losses),
        )


@dataclass(frozen=True)
class Take:
    """A finished take: its new samples, one stretch after the other, at the clip's rate."""

    new: Samples
    reports: tuple[WindowReport, ...]
    noise: tuple[Noise, ...]
    """x_T of each window."""


@dataclass(frozen=True)
class Progress:
    """Finished takes, the take under way on its canvas, the window under way.

    `made` is what was found for all finished windows of all takes in order, `reports` are those of
    the take under way. `inversions` is where the clip was found, window by window; the takes share
    them. The search under way is an inversion if the window under way has none yet.
    """

    context: MusicalContext
    canvas: Canvas
    takes: tuple[Take, ...] = ()
    reports: tuple[WindowReport, ...] = ()
    made: tuple[Found, ...] = ()
    inversions: tuple[Found, ...] = ()
    search: Search | None = None

    @property
    def is_between_takes(self) -> bool:
        """Whether no take is under way."""
        return not self.reports and self.search is None


@dataclass(frozen=True)
class Saved:
    """What a checkpoint holds of a `Progress`."""

    made: tuple[Found, ...]
    inversions: tuple[Found, ...]
    search: Search | None


@dataclass(frozen=True)
class _SearchText:
    iterations: int
    first_losses: dict[str, float]
    losses: dict[str, float]
    numbers: dict[str, str]


@dataclass(frozen=True)
class _Text:
    context: MusicalContext
    outcomes: tuple[Outcome, ...]
    inversions: tuple[Outcome, ...]
    search: _SearchText | None


def save(progress: Progress) -> TaskState:
    """Return `progress` as tensors and text by name."""
    found = {"x_T": progress.made, "inverted": progress.inversions}
    tensors = {
        # Cloned: two names may share one tensor, which no file of tensors can hold.
        f"{name}.{i}": each.x_T.cpu().clone()
        for name, windows in found.items()
        for i, each in enumerate(windows)
    }
    search = progress.search
    search_text = None
    if search is not None:
        search_tensors, numbers = checkpoint.to_tensors(search.state)
        tensors |= {f"search.{name}": t.cpu().clone() for name, t in search_tensors.items()}
        search_text = _SearchText(search.iterations, search.first_losses, search.losses, numbers)
    made, inversions = (tuple(each.outcome for each in windows) for windows in found.values())
    text = msgspec.json.encode(_Text(progress.context, made, inversions, search_text))
    return TaskState(tensors, {"progress": text.decode()})


def saved_context(state: TaskState) -> MusicalContext:
    """Return the context that the job follows."""
    return _read(state).context


def load(state: TaskState, device: torch.device) -> Saved:
    """Return what `save` took apart, on `device`."""
    text, tensors = _read(state), state.tensors
    made, inversions = (
        tuple(Found(tensors[f"{name}.{i}"].to(device), outcome) for i, outcome in enumerate(found))
        for name, found in (("x_T", text.outcomes), ("inverted", text.inversions))
    )
    if text.search is None:
        return Saved(made, inversions, None)
    own = {k.removeprefix("search."): v for k, v in tensors.items() if k.startswith("search.")}
    search = Search(
        text.search.iterations,
        checkpoint.from_tensors(own, text.search.numbers, device=device),
        text.search.first_losses,
        text.search.losses,
    )
    return Saved(made, inversions, search)


def _read(state: TaskState) -> _Text:
    return msgspec.json.decode(state.text["progress"], type=_Text)
