"""What can be asked for: a clip and a musical job."""

from dataclasses import dataclass, field
from typing import Literal

from engine.controls import Control
from engine.models.music_model import MusicalContext
from engine.shapes import Noise, Samples


@dataclass(frozen=True)
class Clip:
    """The producer's audio: (channels, samples), 1 or 2 channels, full scale 1, any rate."""

    audio: Samples
    sample_rate: int


@dataclass(frozen=True)
class Start:
    """Noise found before: one x_T per window, from which the search goes on.

    `mode` "continue" optimizes it further, "resample" uses it as it is.
    """

    noise: tuple[Noise, ...]
    mode: Literal["continue", "resample"] = "continue"


@dataclass(frozen=True)
class Request:
    """What is wanted. Times in seconds; `side` is after, before or both.

    `task` is outpaint, inpaint, loop, generate or vary. `seconds` is the length of the new material
    (per side for outpaint; the bridge for loop, 0: up to the next full bar). `overlap` is how much
    of the clip the model must reproduce beside the new material, 0: the default. `context` holds
    what the host knows; what is None there is estimated from the clip.

    `controls` say what the new material shall have; with `balance` their losses have gradients of
    equal norm at the first noise. `strength` of vary: 0 is the clip itself, 1 fresh music. `start`
    replaces the first noise, of vary the noise in which the model hears the clip. `surrogate` are
    the sampler steps of a cheaper search before the real one (`engine.surrogate`); 0: none.
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
    controls: tuple[Control, ...] = ()
    strength: float = 0.5
    balance: bool = False
    start: Start | None = None
    surrogate: int = 0
