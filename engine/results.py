"""What a job gives back: takes, and the curves and matrices that show how well each was steered."""

from dataclasses import dataclass

from engine.models.music_model import MusicalContext
from engine.shapes import Latents, Matrix, Samples
from engine.spans import Spans


@dataclass(frozen=True)
class MeasuredCurve:
    """One objective's feature over time (s), wanted and reached, in `unit`."""

    name: str
    unit: str
    take: int
    seconds: tuple[float, ...]
    target: tuple[float, ...]
    measured: tuple[float, ...]


@dataclass(frozen=True)
class MeasuredMatrix:
    """How alike any two moments are, wanted and reached: (n, n) in [-1, 1], both over `seconds`."""

    name: str
    take: int
    seconds: tuple[float, float]
    target: Matrix
    measured: Matrix


@dataclass(frozen=True)
class TakeResult:
    """One finished version: `audio` (channels, samples) at the clip's rate, channels and dtype.

    Losses are means over the take's windows, at the first noise and at the best. `stopped` is
    finish, iterations or converged. `noise` is the x_T of each window that was found, on the CPU.
    """

    seed: int
    audio: Samples
    losses: dict[str, float]
    first_losses: dict[str, float]
    iterations: int
    stopped: str
    noise: tuple[Latents, ...] = ()


@dataclass(frozen=True)
class TaskResult:
    """All takes. `new` are the [start, end) samples that are new, `clip_start` where the clip is.

    A job that was finished early holds the takes that had begun.
    """

    takes: tuple[TakeResult, ...]
    new: Spans
    clip_start: int
    sample_rate: int
    context: MusicalContext
    recognized: dict[str, str]
    curves: tuple[MeasuredCurve, ...]
    matrices: tuple[MeasuredMatrix, ...] = ()
