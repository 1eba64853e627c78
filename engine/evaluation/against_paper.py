"""The paper's recipe beside DITTO-2: seconds per job and control reached, in one run.

    python -m engine.evaluation.against_paper [--tasks intensity,outpaint,melody] [--targets 2]
                                              [--iterations N] [--out rows.jsonl]

The paper's recipe is quality `paper` on embedded-base: twenty steps with guidance, recomputed in
the backward pass, every loss of a control on the decoded waveform. The others are the student with
all its steps, and with a surrogate of one. Control is measured on the audio, by librosa; that of
outpainting is the loss of the overlap in dB^2, which both models measure alike. `--iterations` ends
every search after so many, to rehearse; `--out` keeps the rows, and a run that was stopped goes on.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from statistics import mean
from typing import Any

from engine.evaluation.control_clips import bundled_clips
from engine.evaluation.control_runs import Made, make, measure, request_of
from engine.evaluation.control_targets import TARGETS
from engine.frugality import LAVISH, Frugality
from engine.models import load
from engine.models.music_model import MusicModel
from engine.requests import Clip, Request

OUTPAINT, OUTPAINT_SECONDS = "outpaint", 3.0
TASKS = ("intensity", OUTPAINT, "melody")


class HeardAsAudio:
    """A model whose music has no spectrum before it has a waveform."""

    _HIDDEN = ("decode_power", "n_fft", "hop")

    def __init__(self, model: MusicModel) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        if name in self._HIDDEN:
            raise AttributeError(name)
        return getattr(self._model, name)


@dataclass(frozen=True)
class Recipe:
    """Which model searches, and how; `is_papers`: as the paper describes it."""

    model: str
    quality: str
    surrogate: int = 0
    is_papers: bool = False


RECIPES = {
    "paper": Recipe("embedded-base", "paper", is_papers=True),
    "all steps": Recipe("embedded", "normal"),
    "DITTO-2": Recipe("embedded", "normal", surrogate=1),
    "DITTO-2, draft": Recipe("embedded", "draft", surrogate=1),
}


@dataclass(frozen=True)
class Row:
    """One job. `before` and `after` are the control of the same seed without the search and with.

    In dB for intensity, a share for melody, dB^2 for outpainting.
    """

    task: str
    target: str
    recipe: str
    before: float
    after: float
    iterations: int
    seconds: float


def rows(
    models: Mapping[str, MusicModel],
    tasks: Sequence[str],
    *,
    targets: int,
    iterations: int | None = None,
    done: Sequence[Row] = (),
) -> Iterator[Row]:
    """Yield a row for each task, target and recipe; those that are `done` as they are.

    All recipes of one target in turn, so that a machine that slows down slows all of them.
    """
    there = {(row.task, row.target, row.recipe): row for row in done}
    for task in tasks:
        for number in range(targets):
            for name, recipe in RECIPES.items():
                request, clip, target = _asked(task, number, recipe)
                key = (task, target, name)
                if key in there:
                    yield there[key]
                    continue
                before, made = _run(request, clip, models[recipe.model], recipe, iterations)
                yield Row(*key, *before, made.take.iterations, made.seconds)


def table(found: Sequence[Row]) -> str:
    """Return the means over the targets as text."""
    lines = ["| task | recipe | control before → after | iterations | s per job | faster |"]
    lines.append("|---|---|---|---|---|---|")
    for task in dict.fromkeys(row.task for row in found):
        of_task = [row for row in found if row.task == task]
        papers = mean(row.seconds for row in of_task if row.recipe == "paper")
        for name in RECIPES:
            of_recipe = [row for row in of_task if row.recipe == name]
            before, after, iterations, seconds = (
                mean(getattr(row, field) for row in of_recipe)
                for field in ("before", "after", "iterations", "seconds")
            )
            lines.append(
                f"| {task} | {name} | {before:.2f} → {after:.2f} | {iterations:.0f} "
                f"| {seconds:.1f} | {papers / seconds:.1f}x |"
            )
    return "\n".join(lines)


def _asked(task: str, number: int, recipe: Recipe) -> tuple[Request, Clip | None, str]:
    """Return the request of a target, its clip and its name."""
    if task == OUTPAINT:
        clips = bundled_clips()
        known = clips[number % len(clips)]
        request = request_of(known.setting, OUTPAINT_SECONDS, number // len(clips), recipe.quality)
        request = replace(request, task=OUTPAINT, surrogate=recipe.surrogate)
        return request, known.clip, f"{known.name}, seed {request.seed}"
    target = TARGETS[task][number]
    request = request_of(target.setting, target.seconds, 0, recipe.quality)
    request = replace(request, controls=(target.control,), surrogate=recipe.surrogate)
    return request, None, target.name


def _run(
    request: Request,
    clip: Clip | None,
    model: MusicModel,
    recipe: Recipe,
    iterations: int | None,
) -> tuple[tuple[float, float], Made]:
    """Return the control before and after, and what was made."""
    heard: Any = HeardAsAudio(model) if recipe.is_papers and request.controls else model
    frugality = Frugality(sparing=True) if recipe.is_papers else LAVISH
    made = make(request, clip, heard, frugality=frugality, finish=_after(iterations))
    if not request.controls:
        losses = made.take.first_losses["overlap"], made.take.losses["overlap"]
        return losses, made
    (control,) = request.controls
    plain = make(replace(request, controls=(), surrogate=0), clip, model)
    before, after = (next(iter(measure(control, music.audio).values())) for music in (plain, made))
    return (before, after), made


def _after(iterations: int | None) -> Callable[[], bool]:
    counted = count(1)
    return lambda: iterations is not None and next(counted) >= iterations


def main() -> None:
    """Print rows as they are made, then the table."""
    parser = argparse.ArgumentParser(description="The paper's recipe beside DITTO-2.")
    parser.add_argument("--tasks", type=lambda text: text.split(","), default=TASKS)
    parser.add_argument("--targets", type=int, default=2)
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    done: list[Row] = []
    if given.out and given.out.exists():
        done = [Row(**json.loads(line)) for line in given.out.read_text().splitlines()]
    models = {recipe.model: load(recipe.model) for recipe in RECIPES.values()}
    found = []
    for row in rows(
        models, given.tasks, targets=given.targets, iterations=given.iterations, done=done
    ):
        found.append(row)
        print(row, flush=True)
        if given.out and row not in done:
            with given.out.open("a") as file:
                file.write(json.dumps(asdict(row)) + "\n")
    print(table(found))


if __name__ == "__main__":
    main()
