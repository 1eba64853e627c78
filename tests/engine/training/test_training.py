"""Training on a toy: it learns, it resumes, and the student's target is exact."""

from pathlib import Path

import pytest
import torch

from engine.models.denoiser import CLASSES, MAX_WORDS, Denoiser
from engine.models.grid import CHANNELS
from engine.models.tags import INSTRUMENTS
from engine.training.denoiser import Budget, train, velocity_loss
from engine.training.examples import CAPTIONS, Examples, Given, drop, unsaid
from engine.training.student import WINDOWS, chord_loss

FRAMES, CHANNELS_OUT = 8, 4


def toy_model() -> Denoiser:
    torch.manual_seed(0)
    return Denoiser(
        latent_channels=CHANNELS_OUT, latent_frames=FRAMES, width=16, depth=1, heads=2, tag_width=8
    )


def toy_examples(clips: int = 16) -> Examples:
    generator = torch.Generator().manual_seed(3)
    given: Given = {
        **{name: torch.randint(n, (clips,), generator=generator) for name, n in CLASSES.items()},
        "instruments": torch.ones(clips, len(INSTRUMENTS)),
        "grid": torch.randn(clips, CHANNELS, FRAMES, generator=generator),
    }
    latents = torch.randn(clips, CHANNELS_OUT, FRAMES, generator=generator)
    captions = torch.zeros(clips, CAPTIONS, MAX_WORDS, dtype=torch.long)
    return Examples(latents, given, captions)


def loss_after(steps: int, folder: Path) -> float:
    average = train(toy_model(), toy_examples(), Budget(steps=steps, batch=8, ema=0.5), folder)
    latents, given = toy_examples().batch(torch.Generator().manual_seed(9), 64)
    with torch.no_grad():
        return float(velocity_loss(average, latents, given, torch.Generator().manual_seed(9)))


def test_training_lowers_the_loss(tmp_path: Path) -> None:
    assert loss_after(40, tmp_path / "long") < loss_after(1, tmp_path / "short")


def test_a_run_interrupted_and_resumed_ends_with_the_weights_of_an_undisturbed_one(
    tmp_path: Path,
) -> None:
    budget = Budget(steps=6, batch=4, save_every=0.0)
    whole = train(toy_model(), toy_examples(), budget, tmp_path / "whole")
    saves = iter(range(6))

    def interrupt(average: Denoiser) -> float:
        if next(saves) == 2:
            raise KeyboardInterrupt
        return 0.0

    with pytest.raises(KeyboardInterrupt):
        train(toy_model(), toy_examples(), budget, tmp_path / "cut", validate=interrupt)
    resumed = train(toy_model(), toy_examples(), budget, tmp_path / "cut")
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)


def test_dropping_leaves_the_position_and_only_ever_removes() -> None:
    _, given = toy_examples(500).batch(torch.Generator().manual_seed(0), 400)
    full = toy_examples(500).given
    dropped = drop({**full, "words": torch.ones(500, MAX_WORDS, dtype=torch.long)},
                   torch.Generator().manual_seed(1))  # fmt: skip
    assert torch.equal(dropped["grid"][:, :2], full["grid"][:, :2])
    for name, count in CLASSES.items():
        changed = dropped[name] != full[name]
        assert (dropped[name][changed] == count).all()
        assert 0.1 < changed.float().mean() < 0.4
    assert set(given) == set(dropped)


def test_saying_nothing_keeps_the_grid() -> None:
    _, given = toy_examples().batch(torch.Generator().manual_seed(0), 4)
    silent = unsaid(given)
    assert torch.equal(silent["grid"], given["grid"])
    assert all((silent[name] == count).all() for name, count in CLASSES.items())


def test_a_student_that_is_its_teacher_and_needs_no_guidance_is_nearly_right_at_once() -> None:
    """For a constant velocity field zero, one step and three agree exactly."""

    class Still(Denoiser):
        def forward(
            self, x_t: torch.Tensor, t: torch.Tensor, given: Given, **_: object
        ) -> torch.Tensor:
            # v = -tan(angle from here to there) x keeps no direction; zero velocity rotates x by
            # cos only, and cos(a) cos(b) differs from cos(a + b): the chord must make up for it.
            return torch.zeros_like(x_t)

    still = Still(latent_channels=CHANNELS_OUT, latent_frames=FRAMES, width=16, depth=1, heads=2)
    latents, given = toy_examples().batch(torch.Generator().manual_seed(0), 32)
    loss = chord_loss(still, still, latents, given, torch.Generator().manual_seed(5))
    whole = torch.tensor(torch.pi / 2 / WINDOWS)
    factor = (whole.cos() - (whole / 3).cos() ** 3) / whole.sin()
    draw = torch.Generator().manual_seed(5)
    window = torch.randint(WINDOWS, (32,), generator=draw)
    noise = torch.randn(latents.shape, generator=draw)
    angle = ((1 - window / WINDOWS) * torch.pi / 2)[:, None, None]
    x = angle.cos() * latents + angle.sin() * noise
    assert torch.allclose(loss, (factor * x).square().mean(), rtol=1e-4)
