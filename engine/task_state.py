"""How far a job has come, and the same as tensors and text, to go on from after a crash.

    Progress --save--> TaskState --load--> Saved --tasks.perform--> Progress

Saved is only what cannot be made again: each finished window's latents and the search under way. A
resumed job decodes the latents anew; as audio they would be a hundred times as large. Every number
keeps every bit.
"""

from dataclasses import dataclass

import msgspec
import torch
from torch import Tensor

from engine import checkpoint
from engine.canvas import Canvas
from engine.models.music_model import MusicalContext
from engine.optimizer import Iteration, OptimizerState
from engine.shapes import Latents, Samples


@dataclass(frozen=True)
class TaskState:
    """Everything needed to go on after a crash, bit-exactly: tensors and text by name.

    Tensors lie on the CPU, each in memory of its own, as a safetensors file wants them.
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
class MadeWindow:
    """One finished window: its music `x_0`, and how it was found."""

    x_0: Latents
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
    def after(cls, iteration: Iteration, before: "Search | None") -> "Search":
        """Return the search after one more iteration."""
        is_best = before is None or iteration.best_iteration == iteration.iteration
        return cls(
            iterations=iteration.iteration + 1,
            state=iteration.state(),
            first_losses=iteration.losses if before is None else before.first_losses,
            losses=iteration.losses if is_best or before is None else before.losses,
        )


@dataclass(frozen=True)
class Take:
    """A finished take: its new samples, one stretch after the other, at the clip's rate."""

    new: Samples
    reports: tuple[WindowReport, ...]


@dataclass(frozen=True)
class Progress:
    """Finished takes, the take under way on its canvas, the window under way.

    `made` are all finished windows of all takes in order, `reports` those of the take under way.
    """

    context: MusicalContext
    canvas: Canvas
    takes: tuple[Take, ...] = ()
    reports: tuple[WindowReport, ...] = ()
    made: tuple[MadeWindow, ...] = ()
    search: Search | None = None

    @property
    def is_between_takes(self) -> bool:
        """Whether no take is under way."""
        return not self.reports and self.search is None


@dataclass(frozen=True)
class Saved:
    """What a checkpoint holds of a `Progress`."""

    made: tuple[MadeWindow, ...]
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
    search: _SearchText | None


def save(progress: Progress) -> TaskState:
    """Return `progress` as tensors and text by name."""
    tensors = {f"x_0.{i}": made.x_0.cpu() for i, made in enumerate(progress.made)}
    search = progress.search
    search_text = None
    if search is not None:
        search_tensors, numbers = checkpoint.to_tensors(search.state)
        # Cloned: two names may share one tensor, which no file of tensors can hold.
        tensors |= {f"search.{name}": t.cpu().clone() for name, t in search_tensors.items()}
        search_text = _SearchText(search.iterations, search.first_losses, search.losses, numbers)
    outcomes = tuple(made.outcome for made in progress.made)
    text = msgspec.json.encode(_Text(progress.context, outcomes, search_text))
    return TaskState(tensors, {"progress": text.decode()})


def saved_context(state: TaskState) -> MusicalContext:
    """Return the context that the job follows."""
    return _read(state).context


def load(state: TaskState, device: torch.device) -> Saved:
    """Return what `save` took apart, on `device`."""
    text, tensors = _read(state), state.tensors
    made = tuple(
        MadeWindow(tensors[f"x_0.{i}"].to(device), outcome)
        for i, outcome in enumerate(text.outcomes)
    )
    if text.search is None:
        return Saved(made, None)
    own = {k.removeprefix("search."): v for k, v in tensors.items() if k.startswith("search.")}
    search = Search(
        text.search.iterations,
        checkpoint.from_tensors(own, text.search.numbers, device=device),
        text.search.first_losses,
        text.search.losses,
    )
    return Saved(made, search)


def _read(state: TaskState) -> _Text:
    return msgspec.json.decode(state.text["progress"], type=_Text)
