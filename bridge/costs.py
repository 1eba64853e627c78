"""How long a job will take: iterations x seconds of music, at the pace that was observed.

A guess before the first job; then what the last jobs of the same model took, so that the unit, a
second on one core with the shipped model, matters little.
"""

from collections import defaultdict, deque
from statistics import median

from plugin_protocol.rules import controls_of, kinds_of
from plugin_protocol.values import (
    Generate,
    Inpaint,
    Loop,
    Outpaint,
    Repeat,
    Task,
    Vary,
)

ITERATIONS = {"draft": 12, "normal": 30, "best": 60, "paper": 250}
"""Of a usual search. The paper's are more and take more sampler steps each."""
PER_ITERATION = 0.05
"""Seconds for each second of music: a 6-s clip took 6.7 s for 23 iterations on one core."""
FIXED_SECONDS = 0.5
"""Reading the clip, decoding, storing."""
USUAL_OVERLAP, USUAL_BRIDGE, USUAL_BAR = 3.0, 4.0, 2.0
"""Seconds, where the daemon chooses."""
JOBS_OBSERVED = 32


def work_of(task: Task) -> float:
    """Return the work in seconds, on the machine of which the numbers above are."""
    iterations = ITERATIONS[task.quality] if searches(task) else 1
    return task.takes * (FIXED_SECONDS + PER_ITERATION * iterations * sum(_stretches(task)))


def searches(task: Task) -> bool:
    """Return whether the music is looked for, not only made from words."""
    (kind,) = kinds_of(task)
    return not isinstance(kind, Generate) or bool(controls_of(task))


def longest_stretch(task: Task) -> float:
    """Return the seconds of the longest music that is made in one go, 0 where unknown."""
    return max(_stretches(task), default=0.0)


class Pace:
    """What a unit of work takes here, by model."""

    def __init__(self) -> None:
        self._ratios: defaultdict[str, deque[float]] = defaultdict(
            lambda: deque(maxlen=JOBS_OBSERVED)
        )

    def observe(self, model: str, *, work: float, seconds: float) -> None:
        """Take note of what a job took."""
        if work > 0:
            self._ratios[model].append(seconds / work)

    def seconds(self, model: str, work: float) -> float:
        """Return how long so much work will take."""
        ratios = self._ratios.get(model)
        return work * (median(ratios) if ratios else 1.0)


def _stretches(task: Task) -> list[float]:
    """Return the seconds of each stretch of music, what is kept around it included."""
    (kind,) = kinds_of(task)
    length = task.clip.frames / task.clip.sample_rate if task.clip else 0.0
    match kind:
        case Generate(seconds=seconds):
            return [seconds or _period(controls_of(task).get("repeat"))]
        case Outpaint(seconds=seconds, side=side, overlap=overlap):
            made = seconds + min(length, overlap or USUAL_OVERLAP)
            return [made] * (2 if side == "both" else 1)
        case Inpaint(regions=regions):
            return [region.end - region.start + 2 * USUAL_OVERLAP for region in regions]
        case Loop(seconds=seconds, overlap=overlap):
            return [(seconds or USUAL_BRIDGE) + 2 * min(length, overlap or USUAL_OVERLAP)]
        case Vary():
            return [length]


def _period(repeat: object) -> float:
    if not isinstance(repeat, Repeat):
        return 0.0
    return repeat.period * (USUAL_BAR if repeat.unit == "bars" else 1.0)
