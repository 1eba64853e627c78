"""One row of the controls' table: music with a control and without, from the same seed, measured.

Music is made through `engine.tasks.perform`, as for everybody. Rows are plain values: as lines of
JSON they let a long run go on where it was stopped.
"""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch

from engine.controls import Control, Intensity, Melody, Repeat, Structure
from engine.evaluation import control_measures as measures
from engine.evaluation.control_measures import Signal
from engine.evaluation.control_targets import Setting
from engine.evaluation.style_recognizer import style_recognizer
from engine.frugality import LAVISH, Frugality
from engine.models.music_model import MusicModel
from engine.rate import resample
from engine.requests import Clip, Request
from engine.results import TakeResult
from engine.tasks import perform

Measured = dict[str, float]
"""Results by the name of what was measured."""


@dataclass(frozen=True)
class Made:
    """Finished music, (channels, samples) at 44.1 kHz, and what it took, in seconds."""

    audio: Signal
    take: TakeResult
    seconds: float
    iteration_seconds: float


@dataclass(frozen=True, kw_only=True)
class Row:
    """One target and seed. `alone` is what each objective reached without the other."""

    control: str
    target: str
    seed: int
    quality: str
    style: str
    style_before: str
    style_after: str
    before: Measured
    after: Measured
    alone: Measured = field(default_factory=dict)
    iterations: int
    stopped: str
    seconds: float
    iteration_seconds: float
    noise_deviation: tuple[float, ...]

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What no two rows have in common."""
        return self.control, self.target, self.seed, self.quality


def make(
    request: Request,
    clip: Clip | None,
    model: MusicModel,
    *,
    frugality: Frugality = LAVISH,
    finish: Callable[[], bool] = lambda: False,
) -> Made:
    """Return the first take of a request; `frugality` and `finish` as in `perform`."""
    began = time.perf_counter()
    times = []
    for update in perform(request, clip, model, frugality=frugality, finish=finish):
        if update.phase == "optimizing":
            times.append(time.perf_counter())
        if update.result is not None:
            result, take = update.result, update.result.takes[0]
            audio = resample(take.audio.float(), result.sample_rate, measures.SAMPLE_RATE).numpy()
            steps = np.diff(times) if len(times) > 1 else np.zeros(1)
            seconds = time.perf_counter() - began
            return Made(audio, take, seconds, statistics.median(steps.tolist()))
    raise RuntimeError("the task ended without a result")


def request_of(setting: Setting, seconds: float, seed: int, quality: str) -> Request:
    """Return the request for music in a setting, without any control."""
    return Request(
        "generate",
        seconds=seconds,
        prompt=setting.prompt,
        seed=seed,
        quality=quality,
        context=setting.context,
    )


def measure(control: Control, audio: Signal) -> Measured:
    """Return how well `audio` has what `control` asks, by the control's name."""
    match control:
        case Intensity(points=points, match="level"):
            return {"intensity": measures.intensity_error(audio, points)}
        case Intensity(points=points):
            return {"shape": measures.intensity_correlation(audio, points)}
        case Melody(notes=notes):
            return {"melody": measures.melody_accuracy(audio, notes)}
        case Structure(sections=sections):
            return {"structure": measures.structure_correlation(audio, sections)}
        case Repeat():
            return {"repeat": measures.loop_percentile(audio)}
    raise TypeError(f"{type(control).__name__} has no measure")


def style_of(audio: Signal) -> str:
    """Return the style that the recognizer hears."""
    return style_recognizer().style(torch.from_numpy(audio), measures.SAMPLE_RATE)


def row_of(
    control: str,
    target: str,
    setting: Setting,
    request: Request,
    *,
    before: tuple[Signal, Measured],
    after: tuple[Made, Measured],
    alone: Measured | None = None,
) -> Row:
    """Return the row of a finished request beside the music `before`, both with their results."""
    made, reached = after
    return Row(
        control=control,
        target=target,
        seed=request.seed,
        quality=request.quality,
        style=setting.style,
        style_before=style_of(before[0]),
        style_after=style_of(made.audio),
        before=before[1],
        after=reached,
        alone=alone or {},
        iterations=made.take.iterations,
        stopped=made.take.stopped,
        seconds=made.seconds,
        iteration_seconds=made.iteration_seconds,
        noise_deviation=tuple(float(x_T.std()) for x_T in made.take.noise),
    )


@dataclass(frozen=True)
class Rows:
    """The rows there are, by key; new ones are added to the file at `path`, if there is one."""

    path: Path | None = None
    by_key: dict[tuple[str, str, int, str], Row] = field(default_factory=dict)

    @classmethod
    def at(cls, path: Path | None) -> "Rows":
        """Return the rows in a file of JSON lines; it need not be there yet."""
        rows = cls(path)
        if path is not None and path.exists():
            for line in path.read_text().splitlines():
                values = json.loads(line)
                row = Row(**{**values, "noise_deviation": tuple(values["noise_deviation"])})
                rows.by_key[row.key] = row
        return rows

    def get(self, key: tuple[str, str, int, str], work: Callable[[], Row]) -> Row:
        """Return the row of that key; `work` makes it if it is not there."""
        if key not in self.by_key:
            row = work()
            assert row.key == key
            self.by_key[key] = row
            if self.path is not None:
                with self.path.open("a") as lines:
                    lines.write(json.dumps(asdict(row)) + "\n")
        return self.by_key[key]
