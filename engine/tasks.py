"""One musical job from request to audio: encode, optimize x_T per window, decode, assemble.

The whole of DITTO in the order it happens. A job is a list of takes; a take is a list of windows;
a window is one optimization (Algorithm 1 of the paper).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from torch import Tensor

from engine.models.music_model import MusicalContext, MusicModel
from engine.shapes import Samples


@dataclass(frozen=True)
class Clip:
    """The producer's audio: (channels, samples), 1 or 2 channels, full scale 1, any rate."""

    audio: Samples
    sample_rate: int


@dataclass(frozen=True)
class Request:
    """What is wanted. Times in seconds; `side` is after, before or both.

    `task` is outpaint, inpaint, loop or generate. `seconds` is the length of the new material
    (per side for outpaint; the bridge for loop, 0: up to the next full bar). `overlap` is how much
    of the clip the model must reproduce beside the new material, 0: the default. `context` holds
    what the host knows; what is None there is estimated from the clip.
    """

    task: str
    seconds: float = 0.0
    side: str = "after"
    regions: tuple[tuple[float, float], ...] = ()
    overlap: float = 0.0
    prompt: str = ""
    seed: int = 0
    takes: int = 1
    quality: str = "normal"
    context: MusicalContext = field(default_factory=MusicalContext)


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
class TakeResult:
    """One finished version: `audio` (channels, samples) at the clip's rate, channels and dtype."""

    seed: int
    audio: Samples
    losses: dict[str, float]
    first_losses: dict[str, float]
    iterations: int
    stopped: str


@dataclass(frozen=True)
class TaskResult:
    """All takes. `new` are the [start, end) samples that are new, `clip_start` where the clip is."""

    takes: tuple[TakeResult, ...]
    new: tuple[tuple[int, int], ...]
    clip_start: int
    sample_rate: int
    context: MusicalContext
    recognized: dict[str, str]
    curves: tuple[MeasuredCurve, ...]


@dataclass(frozen=True)
class TaskState:
    """Everything needed to go on after a crash, bit-exactly: tensors and text by name."""

    tensors: dict[str, Tensor]
    text: dict[str, str]


@dataclass(frozen=True)
class Update:
    """Progress. `step` of `steps` counts iterations over all windows and takes.

    `phase` is analyzing, optimizing or decoding. `state` is there whenever a checkpoint may be
    written; `preview` renders the best so far, (channels, samples), when called; `result` is there
    in the last update only.
    """

    phase: str
    step: int
    steps: int
    take: int = 0
    loss: float | None = None
    losses: dict[str, float] = field(default_factory=dict)
    note: str = ""
    state: Callable[[], TaskState] | None = None
    preview: Callable[[], Samples] | None = None
    result: TaskResult | None = None


def perform(
    request: Request,
    clip: Clip | None,
    model: MusicModel,
    *,
    resume: TaskState | None = None,
    finish: Callable[[], bool] = lambda: False,
) -> Iterator[Update]:
    """Yield progress and, last, the result. Stop iterating to cancel; nothing is left behind.

    `finish` is asked after every iteration; once True, optimizing ends and the best so far is
    decoded. Raises EngineError with a sentence for the user.
    """
    raise NotImplementedError
