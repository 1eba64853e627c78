"""The cheaper search in front of the real one: what it may find, and who judges it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.controls import Intensity
from engine.errors import InvalidRequestError
from engine.optimizer import Iteration, LossesOfNoise, OptimizerState, Settings
from engine.preparation import prepare
from engine.requests import Request
from engine.surrogate import Surrogate, in_steps, search
from engine.tasks import TaskResult, perform
from engine.window_job import WindowJob
from tests.engine.models.test_embedded import small
from tests.engine.test_optimizer import bowl, start, through_a_file
from tests.engine.test_tasks import CLIP, MODEL, on_disk

SETTINGS = Settings(iterations=20, learning_rate=0.05, patience=1000)
RISE = Intensity(points=((0.0, -40.0), (0.6, -20.0)))
MUSIC = Request("generate", seconds=0.6, quality="draft", controls=(RISE,), surrogate=2)


def beside(x_T: Tensor) -> dict[str, Tensor]:
    """Nearly the bowl."""
    return bowl(x_T + 0.1)


def away(x_T: Tensor) -> dict[str, Tensor]:
    """All that the bowl is not."""
    return bowl(-x_T)


def run(
    cheap: LossesOfNoise,
    *,
    resume: OptimizerState | None = None,
    finish: Callable[[], bool] = lambda: False,
) -> list[Iteration]:
    surrogate = Surrogate(cheap, hand_over=4)
    return list(search(start(), bowl, SETTINGS, surrogate=surrogate, resume=resume, finish=finish))


def real(x_T: Tensor) -> dict[str, float]:
    return {name: float(loss) for name, loss in bowl(x_T).items()}


def test_most_of_the_search_is_the_surrogates() -> None:
    called = {"cheap": 0, "dear": 0}

    def counting(name: str, losses: LossesOfNoise) -> LossesOfNoise:
        def counted(x_T: Tensor) -> dict[str, Tensor]:
            called[name] += 1
            return losses(x_T)

        return counted

    surrogate = Surrogate(counting("cheap", beside), hand_over=4)
    *_, last = search(start(), counting("dear", bowl), SETTINGS, surrogate=surrogate)
    # The first noise is heard with all steps, too.
    assert called == {"cheap": 20, "dear": 1 + 4}
    assert (last.iteration, last.stopped) == (23, "iterations")


@pytest.mark.parametrize("cheap", [bowl, beside, away])
def test_what_is_kept_is_judged_by_the_real_loss(cheap: LossesOfNoise) -> None:
    last = run(cheap)[-1]
    assert last.best_losses == real(last.best_x_T)
    assert last.first_losses == real(start())
    assert sum(last.best_losses.values()) <= sum(last.first_losses.values())


def test_a_surrogate_that_is_nearly_right_is_nearly_as_good() -> None:
    plain = list(search(start(), bowl, SETTINGS))[-1]
    assert run(beside)[-1].best_loss < 1.1 * plain.best_loss
    assert plain.best_loss < 0.8 * sum(plain.first_losses.values())


def test_of_a_surrogate_that_leads_away_the_first_noise_is_kept() -> None:
    last = run(away)[-1]
    assert torch.equal(last.best_x_T, start())
    assert last.best_losses == last.first_losses


def test_it_is_all_over_where_the_surrogates_find_is_close_enough() -> None:
    close = replace(SETTINGS, iterations=500, thresholds={"near": 0.8, "far": 1.0})
    *_, before, last = search(start(), bowl, close, surrogate=Surrogate(bowl, hand_over=4))
    assert last.stopped == "threshold"
    assert last.iteration == before.iteration + 1
    assert last.losses == before.best_losses


@pytest.mark.parametrize("at", [0, 7, 19, 20, 22])
def test_resumed_it_is_the_undisturbed_one_to_the_last_bit(at: int, tmp_path: Path) -> None:
    undisturbed = run(beside)
    resumed = run(beside, resume=through_a_file(undisturbed[at].state(), tmp_path))
    ours, theirs = resumed[-1], undisturbed[-1]
    assert torch.equal(ours.x_T, theirs.x_T)
    assert torch.equal(ours.best_x_T, theirs.best_x_T)
    for name in ("iteration", "loss", "best_losses", "first_losses", "best_iteration", "stopped"):
        assert getattr(ours, name) == getattr(theirs, name)


@pytest.mark.parametrize("after", [1, 5, 20, 22])
def test_finished_early_it_has_been_judged_all_the_same(after: int) -> None:
    left = iter(range(after - 1, -100, -1))
    last = run(beside, finish=lambda: next(left) <= 0)[-1]
    assert last.stopped == ""
    assert last.best_losses == real(last.best_x_T)
    assert last.iteration <= max(after, 21)


def test_a_surrogate_is_refused_where_it_says_nothing() -> None:
    with pytest.raises(InvalidRequestError, match="were not taught to make music in one"):
        in_steps(MODEL, 1)
    for steps in (-1, 0, 4, 9):
        with pytest.raises(InvalidRequestError, match=f"takes 4, you asked for {steps}"):
            in_steps(MODEL, steps)
    with pytest.raises(InvalidRequestError, match="strides for 1, 2 and 4"):
        in_steps(small(), 3)
    assert in_steps(small(), 1).steps == 1
    with pytest.raises(InvalidRequestError, match="paper's settings"):
        next(iter(list(perform(replace(MUSIC, quality="paper"), None, small(stride=False)))))
    with pytest.raises(InvalidRequestError, match="were not taught to make music in one"):
        list(perform(replace(MUSIC, surrogate=1), None, MODEL))


def made(request: Request) -> TaskResult:
    *_, last = perform(request, CLIP if request.task == "outpaint" else None, MODEL)
    assert last.result is not None
    return last.result


def test_the_losses_of_a_result_are_those_of_its_music_with_all_steps() -> None:
    (take,) = made(MUSIC).takes
    job, _ = prepare(MUSIC, None, MODEL)
    window = WindowJob(job, job.windows[0], job.canvas, noise=job.noise(0, 0))
    for noise, losses in ((take.noise[0], take.losses), (window.noise, take.first_losses)):
        heard = window.losses(noise.requires_grad_(False))
        assert {name: float(loss) for name, loss in heard.items()} == pytest.approx(losses)
    assert take.losses["intensity"] < take.first_losses["intensity"]


@pytest.mark.parametrize(
    "request_",
    [MUSIC, Request("outpaint", seconds=0.5, quality="draft", surrogate=2)],
    ids=["generate", "outpaint"],
)
def test_a_resumed_job_makes_the_very_same_music(request_: Request) -> None:
    clip = CLIP if request_.task == "outpaint" else None
    updates = list(perform(request_, clip, MODEL))
    whole = updates[-1].result
    states = [update.state for update in updates if update.state is not None]
    assert whole is not None
    # Before the hand-over and after it.
    for part in (1, 7):
        state = on_disk(states[len(states) * part // 8]())
        *_, last = perform(request_, clip, MODEL, resume=state)
        assert last.result is not None
        for a, b in zip(whole.takes, last.result.takes, strict=True):
            assert torch.equal(a.audio, b.audio)
            assert (a.losses, a.first_losses, a.iterations, a.stopped) == (
                b.losses, b.first_losses, b.iterations, b.stopped)  # fmt: skip
    progress = [update for update in updates if update.steps]
    assert [u.step for u in progress] == sorted(u.step for u in progress)
    assert progress[-1].step == progress[-1].steps
