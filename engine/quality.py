"""How long and how boldly to search, by the words a producer chooses from. All such numbers.

"paper" is the paper's own: twenty sampler steps, learning rate 0.005, 70 iterations (150 for melody
and structure), no shell, no early end. The others were chosen on the embedded model, on the shell::

    overlap (9 edits)   step 0.05, 40 iterations: 15 dB^2, timbre of new to old 2.8 dB
                        0.1, 20: 21, 3.1    0.1, 40: 13, 2.6 (chosen)
    intensity (8)       4 dB^2 after 6 to 13 iterations of 0.1, 5 to 13 of 0.2
    melody (8)          accuracy at 0.1: 87 % after 25, 93 % after 50; at 0.2: 90 %, 93 %
                        at 0.05: 89 % after 40, with texture 90 % after 20
    structure (8)       correlation, agreement of the style recognizer on the hardest four:
                        0.1, 30: 0.92, 0.62   0.1, 10: 0.86, 0.88   0.05, 15: 0.91, 0.88 (chosen)

The larger the step, the sooner it is there and the farther it has left the style; so painting,
which is held by the clip, takes the larger one, and what is asked of new music the smaller.
The efforts for repeat, clip and text are first guesses that met their aims; nothing else was tried.
"""

from dataclasses import dataclass

from engine.errors import InvalidRequestError
from engine.models.music_model import HasFeatureDomain, InpaintsNatively, MusicModel
from engine.optimizer import Settings

QUALITIES = ("draft", "normal", "best", "paper")


@dataclass(frozen=True)
class Effort:
    """How to search for one objective: iterations of each quality, and the step."""

    draft: int
    normal: int
    best: int
    learning_rate: float
    threshold: float | None = None
    """Closer than that nobody hears the difference."""
    shell: tuple[float, float] = (1.0, 1.0)
    paper: int = 70


EFFORTS = {
    # 4 dB^2 is 2 dB root mean square, the paper's tau.
    "overlap": Effort(12, 40, 80, learning_rate=0.1, threshold=4.0),
    "intensity": Effort(12, 30, 60, learning_rate=0.05, threshold=1.0),
    "shape": Effort(8, 16, 32, learning_rate=0.05, threshold=0.03),
    "melody": Effort(15, 30, 60, learning_rate=0.05, paper=150),
    "structure": Effort(8, 16, 32, learning_rate=0.05, paper=150),
    "repeat": Effort(12, 40, 80, learning_rate=0.1, threshold=4.0),
    # Inversion needs the noise that the clip has, which may be louder or softer than a draw.
    "clip": Effort(20, 60, 120, learning_rate=0.05, threshold=1.0, shell=(0.95, 1.1)),
    "text": Effort(12, 30, 60, learning_rate=0.05),
    # A companion of others: it asks for no iterations of its own.
    "texture": Effort(0, 0, 0, learning_rate=1.0, threshold=1.0, paper=0),
}
_TOLD = Effort(12, 40, 80, learning_rate=0.02, threshold=8.0)
"""Painting alone, of a model that is told the music around the gap: its first sample is at 7 dB^2,
and what a search gains from there it takes from the new part's likeness to the old one. Agreement
of 48 continuations by key, tempo and onset grid::

    step 0.1 to 4 dB^2    0.69, 0.85, 0.85      step 0.1 to 8 dB^2    0.75, 0.92, 0.87
    step 0.03 to 4 dB^2   0.73, 0.87, 0.82      no search             0.75, 0.92, 0.92
    step 0.02 to 5 dB^2   0.75, 0.90, 0.90      step 0.02 to 8 dB^2   0.74, 0.93, 0.88 (chosen; 50)

So it searches only where that sample is farther off than 8 dB^2, and in small steps.
"""
PATIENCE, LEAST_IMPROVEMENT = 10, 0.01
PAPER_LEARNING_RATE, PAPER_STEPS = 0.005, 20
_FEWEST_STEPS = 8
"""Models made for fewer are distilled, and twenty steps of them are not better but wrong."""


def search_settings(quality: str, model: MusicModel, objectives: frozenset[str]) -> Settings:
    """Return how to search at `quality` for `objectives` (names) together.

    The most patient of them sets the number of iterations, the most careful one the step.
    """
    efforts = _efforts(model, objectives)
    iterations = max(getattr(effort, quality) for effort in efforts.values())
    if quality == "paper":
        return Settings(
            iterations=iterations,
            learning_rate=PAPER_LEARNING_RATE,
            shell=None,
            patience=iterations,
        )
    # The thresholds are in the units of features, which latents do not share.
    decibels = isinstance(model, HasFeatureDomain)
    return Settings(
        iterations=iterations,
        learning_rate=min(effort.learning_rate for effort in efforts.values()),
        shell=(
            min(effort.shell[0] for effort in efforts.values()),
            max(effort.shell[1] for effort in efforts.values()),
        ),
        thresholds={
            name: threshold
            for name, effort in efforts.items()
            if decibels and (threshold := effort.threshold) is not None
        },
        patience=PATIENCE,
        min_improvement=LEAST_IMPROVEMENT,
    )


def _efforts(model: MusicModel, objectives: frozenset[str]) -> dict[str, Effort]:
    """Return the effort of each objective; painting's where there is none."""
    told = isinstance(model, InpaintsNatively) and model.reads_context
    if told and objectives == {"overlap"}:
        return {"overlap": _TOLD}
    return {name: EFFORTS[name] for name in sorted(objectives or {"overlap"})}


def sampler_steps(quality: str, model: MusicModel) -> int:
    """Return the sampler steps at `quality`.

    Raises InvalidRequestError where the paper's twenty are asked of a model distilled to fewer.
    """
    if quality != "paper":
        return model.steps
    if model.steps < _FEWEST_STEPS:
        raise InvalidRequestError(
            f"The paper's settings take {PAPER_STEPS} sampler steps; the model {model.name} is "
            f"distilled to {model.steps}. Choose another quality, or the model embedded-base."
        )
    return PAPER_STEPS
