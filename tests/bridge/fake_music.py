"""An engine that is a small deterministic recurrence: slow, resumable, exact.

The music is a function of seed, clip and number of iterations.
"""

import os
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from engine.errors import InvalidRequestError
from engine.frugality import LADDER, LAVISH, Frugality
from engine.models.clap import Clap
from engine.models.music_model import MusicModel
from engine.tasks import Clip, Request, TakeResult, TaskResult, TaskState, Update

SAMPLE_RATE = 8000
SECONDS_PER_ITERATION = 0.02


class FakeModel:
    name = "fake"
    sample_rate = SAMPLE_RATE
    digest = "fake-digest"


def iterations_of(request: Request) -> int:
    """The prompt says how long the job takes."""
    return int((request.prompt or "10").split()[0])


def is_too_much(request: Request, frugality: Frugality) -> bool:
    """Whether memory runs out: "hungry" in the prompt, as often as it must become less."""
    return LADDER.index(frugality) < request.prompt.count("hungry")


def start(request: Request) -> Tensor:
    if request.start is not None:
        return request.start.noise[0].flatten().double()
    return torch.linspace(0.1, 1.0, 64, dtype=torch.float64) + request.seed


def step(x: Tensor, i: int) -> Tensor:
    return torch.sin(3.7 * x + 0.01 * i)


def perform(
    request: Request,
    clip: Clip | None,
    model: MusicModel,
    *,
    clap: Clap | None = None,
    resume: TaskState | None = None,
    finish: Callable[[], bool] = lambda: False,
    pause: Callable[[], None] = lambda: None,
    frugality: Frugality = LAVISH,
) -> Iterator[Update]:
    if request.prompt == "refuse":
        raise InvalidRequestError("The fake engine refuses this. Ask for something else.")
    if request.prompt == "bug":
        raise ZeroDivisionError
    if request.prompt == "crash":
        os._exit(9)
    print("a stray print must not harm the pipe")
    steps = iterations_of(request)
    x, first = start(request), 0
    if resume is not None:
        x, first = resume.tensors["x"], int(resume.text["i"])
    stopped, done = "iterations", first
    for i in range(first, steps):
        time.sleep(SECONDS_PER_ITERATION)
        x, done = step(x, i), i + 1
        if done == steps - 1 and is_too_much(request, frugality):
            raise torch.OutOfMemoryError("Tried to allocate the moon.")
        state, shown = TaskState({"x": x}, {"i": str(done)}), x
        yield Update(
            "optimizing",
            done,
            steps,
            loss=1 / done,
            losses={"overlap": 1 / done},
            state=lambda state=state: state,
            preview=lambda shown=shown: shown.float().repeat(1, 10),
        )
        if finish():
            stopped = "finish"
            break
    yield Update("decoding", done, steps, result=result(request, clip, x, first, done, stopped))


def result(
    request: Request, clip: Clip | None, x: Tensor, first: int, done: int, stopped: str
) -> TaskResult:
    old = clip.audio if clip else torch.zeros(1, 0)
    takes = []
    for number in range(request.takes):
        new = (x + number).to(old.dtype).repeat(old.shape[0], int(request.seconds))
        take = TakeResult(
            seed=request.seed + number,
            audio=torch.cat([old, new], dim=1),
            losses={"overlap": 1 / done},
            first_losses={"overlap": 1.0},
            iterations=done,
            stopped=stopped,
            noise=((start(request).float() + number).reshape(1, 4, 16),),
        )
        takes.append(take)
    length = takes[0].audio.shape[1]
    return TaskResult(
        takes=tuple(takes),
        new=((old.shape[1], length),),
        clip_start=0,
        sample_rate=clip.sample_rate if clip else SAMPLE_RATE,
        context=request.context,
        recognized={"first iteration": str(first)},
        curves=(),
    )
