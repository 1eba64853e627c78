"""How far a job has come, and the same as tensors and text, to go on from after a crash.

    Progress <-> TaskState

Saved is only what cannot be made again: the samples made so far and the search under way. Every
number keeps every bit.
"""

from dataclasses import dataclass, field, replace

import msgspec
import torch
from torch import Tensor

from engine import checkpoint
from engine.canvas import Canvas
from engine.models.music_model import MusicalContext
from engine.optimizer import Iteration, OptimizerState
from engine.shapes import Samples, Stretch
from engine.spans import Spans


@dataclass(frozen=True)
class TaskState:
    """Everything needed to go on after a crash, bit-exactly: tensors and text by name.

    Tensors lie on the CPU, each in memory of its own, as a safetensors file wants them.
    """

    tensors: dict[str, Tensor]
    text: dict[str, str]


@dataclass(frozen=True)
class WindowReport:
    """How one window went. Levels in dB of its known frames, at `seconds` of the result."""

    losses: dict[str, float]
    first_losses: dict[str, float]
    iterations: int
    stopped: str
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
    """Finished takes, the take under way, its finished windows, the window under way."""

    context: MusicalContext
    canvas: Canvas
    takes: tuple[Take, ...] = ()
    reports: tuple[WindowReport, ...] = ()
    search: Search | None = None


@dataclass(frozen=True)
class _Text:
    context: MusicalContext
    takes: tuple[tuple[WindowReport, ...], ...]
    reports: tuple[WindowReport, ...]
    iterations: int = 0
    first_losses: dict[str, float] = field(default_factory=dict)
    losses: dict[str, float] = field(default_factory=dict)
    search: dict[str, str] | None = None


def save(progress: Progress) -> TaskState:
    """Return `progress` as tensors and text by name."""
    tensors = {f"take.{i}": take.new for i, take in enumerate(progress.takes)}
    tensors["made"] = gather(progress.canvas.audio, progress.canvas.new)
    text = _Text(
        context=progress.context,
        takes=tuple(take.reports for take in progress.takes),
        reports=progress.reports,
    )
    if progress.search is not None:
        search_tensors, numbers = checkpoint.to_tensors(progress.search.state)
        # Cloned: two names may share one tensor, which no file of tensors can hold.
        tensors |= {f"search.{name}": t.cpu().clone() for name, t in search_tensors.items()}
        text = replace(
            text,
            iterations=progress.search.iterations,
            first_losses=progress.search.first_losses,
            losses=progress.search.losses,
            search=numbers,
        )
    return TaskState(tensors, {"progress": msgspec.json.encode(text).decode()})


def saved_context(state: TaskState) -> MusicalContext:
    """Return the context that the job follows; the rest of `state` needs its canvas."""
    return _read(state).context


def restore(state: TaskState, canvas: Canvas, device: torch.device) -> Progress:
    """Return what `save` took apart. `canvas` is the job's, with nothing new in it."""
    text = _read(state)
    tensors = state.tensors
    search = None
    if text.search is not None:
        own = {k.removeprefix("search."): v for k, v in tensors.items() if k.startswith("search.")}
        search = Search(
            text.iterations,
            checkpoint.from_tensors(own, text.search, device=device),
            text.first_losses,
            text.losses,
        )
    return Progress(
        context=text.context,
        canvas=replace(canvas, audio=scatter(canvas.audio, canvas.new, tensors["made"])),
        takes=tuple(Take(tensors[f"take.{i}"], reports) for i, reports in enumerate(text.takes)),
        reports=text.reports,
        search=search,
    )


def _read(state: TaskState) -> _Text:
    return msgspec.json.decode(state.text["progress"], type=_Text)


def gather(audio: Stretch, spans: Spans) -> Stretch:
    """Return the samples of `spans`, one stretch after the other."""
    return torch.cat([audio[:, start:end] for start, end in spans], dim=-1)


def scatter(audio: Samples, spans: Spans, samples: Stretch) -> Samples:
    """Return `audio` with `samples` where `gather` took them from."""
    filled, at = audio.clone(), 0
    for start, end in spans:
        filled[:, start:end] = samples[:, at : at + end - start]
        at += end - start
    return filled
