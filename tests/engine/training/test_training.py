"""Training on a toy: it learns, it resumes, and the student's target is exact."""

from pathlib import Path

import pytest
import torch

from engine.models.denoiser import Denoiser
from engine.models.grid import CHANNELS
from engine.models.tags import INSTRUMENTS
from engine.models.vocabulary import CLASSES, MAX_WORDS, UNSAID
from engine.training.course import Course
from engine.training.denoiser import loss_of_run, validation
from engine.training.examples import CAPTIONS, Examples, Given, drop, unsaid
from engine.training.known_frames import random_keep_mask
from engine.training.loop import CPU, Budget, train
from engine.training.saved_state import Run

FRAMES, CHANNELS_OUT = 8, 4


def toy_model() -> Denoiser:
    torch.manual_seed(0)
    return Denoiser(
        latent_channels=CHANNELS_OUT, latent_frames=64, width=16, depth=1, heads=2, tag_width=8
    )


def toy_examples(clips: int = 16, frames: int = FRAMES) -> Examples:
    generator = torch.Generator().manual_seed(3)
    given: Given = {
        **{name: torch.randint(4, (clips,), generator=generator) for name in CLASSES},
        "instruments": torch.ones(clips, len(INSTRUMENTS)),
        "grid": torch.randn(clips, CHANNELS, frames, generator=generator),
    }
    latents = torch.randn(clips, CHANNELS_OUT, frames, generator=generator)
    captions = torch.zeros(clips, CAPTIONS, MAX_WORDS, dtype=torch.long)
    return Examples(latents, given, captions)


def course(batch: int = 8) -> Course:
    return Course(toy_examples(), toy_examples(frames=FRAMES // 2), short_share=0.5, batch=batch)


def loss_after(steps: int, folder: Path) -> float:
    budget = Budget(steps=steps, warm_up=1, ema=0.5)
    average = train(toy_model(), course().batch_at, budget, folder, loss_of=loss_of_run)
    return validation({"toy": toy_examples()}, CPU)(average)["toy"]


def test_training_lowers_the_loss(tmp_path: Path) -> None:
    assert loss_after(40, tmp_path / "long") < loss_after(1, tmp_path / "short")


def test_a_run_interrupted_and_resumed_ends_with_the_weights_of_an_undisturbed_one(
    tmp_path: Path,
) -> None:
    budget = Budget(steps=6, save_every=0.0)
    whole = train(toy_model(), course(4).batch_at, budget, tmp_path / "whole", loss_of=loss_of_run)
    saves = iter(range(6))

    def interrupt(average: Denoiser) -> dict[str, float]:
        if next(saves) == 2:
            raise KeyboardInterrupt
        return {}

    cut = tmp_path / "cut"
    with pytest.raises(KeyboardInterrupt):
        train(toy_model(), course(4).batch_at, budget, cut, loss_of=loss_of_run, validate=interrupt)
    resumed = train(toy_model(), course(4).batch_at, budget, cut, loss_of=loss_of_run)
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)
    assert len((cut / "log.csv").read_text().splitlines()) >= 6


def test_the_learning_rate_warms_up_stays_and_ends_at_a_hundredth() -> None:
    budget = Budget(steps=1000, learning_rate=1.0, warm_up=100, decay=0.3)
    model = toy_model()

    def rate(step: int) -> float:
        return budget.rate(Run(model, model, torch.optim.SGD(model.parameters(), lr=1.0), step))

    assert rate(49) == pytest.approx(0.5)
    assert {rate(step) for step in (99, 400, 699)} == {1.0}
    assert rate(850) == pytest.approx(0.505)
    assert rate(1000) == pytest.approx(0.01)


def test_long_windows_come_in_turn_and_only_after_the_short_share() -> None:
    draw = torch.Generator().manual_seed(0)
    early = [course().batch_at(step, 0.4, draw)[0].shape for step in range(2)]
    late = [course().batch_at(step, 0.6, draw)[0].shape for step in range(2)]
    assert early == [(8, CHANNELS_OUT, FRAMES)] * 2
    assert late == [(8, CHANNELS_OUT, FRAMES), (4, CHANNELS_OUT, FRAMES // 2)]


def test_what_is_known_is_the_music_itself_and_sometimes_nothing() -> None:
    latents, given = toy_examples(500, 40).batch(torch.Generator().manual_seed(0), 400)
    known, mask = given["context"].split([CHANNELS_OUT, 1], dim=1)
    assert torch.equal(known, latents * mask)
    assert 0.2 < (mask.amax(2) > 0).float().mean() < 0.4


def test_users_regions_start_or_end_at_most_twice_and_always_leave_something_to_do() -> None:
    mask = random_keep_mask(200, 40, torch.Generator().manual_seed(0))
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    assert ((mask.mean(1) > 0) & (mask.mean(1) < 1)).all()
    assert set((mask.diff(dim=1) != 0).sum(1).tolist()) == {1, 2}


def test_dropping_leaves_the_position_and_only_ever_removes() -> None:
    _, given = toy_examples(500).batch(torch.Generator().manual_seed(0), 400)
    full = toy_examples(500).given
    dropped = drop({**full, "words": torch.ones(500, MAX_WORDS, dtype=torch.long)},
                   torch.Generator().manual_seed(1))  # fmt: skip
    assert torch.equal(dropped["grid"][:, :2], full["grid"][:, :2])
    for name in CLASSES:
        changed = dropped[name] != full[name]
        assert (dropped[name][changed] == UNSAID).all()
        assert 0.1 < changed.float().mean() < 0.4
    assert set(given) == {*dropped, "context"}


def test_saying_nothing_keeps_the_grid() -> None:
    _, given = toy_examples().batch(torch.Generator().manual_seed(0), 4)
    silent = unsaid(given)
    assert torch.equal(silent["grid"], given["grid"])
    assert torch.equal(silent["context"], given["context"])
    assert all((silent[name] == UNSAID).all() for name in CLASSES)
