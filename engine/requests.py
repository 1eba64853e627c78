"""What can be asked for: a clip and a musical job."""

from dataclasses import dataclass, field

from engine.models.music_model import MusicalContext
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
