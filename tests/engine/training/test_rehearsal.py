"""All of training on a toy: every stage in its order, and a model that plays."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from engine.models.embedded import load
from engine.models.music_model import MusicalContext
from engine.training.corpus.rendering import FONT
from engine.training.loop import Budget
from engine.training.plan import Plan, Size
from engine.training.stages import STAGES

TOY = Plan(
    clips=12,
    long_clips=2,
    held_out=4,
    sizes=(Size(width=32, depth=2),),
    batch=4,
    student_batch=4,
    denoiser=Budget(steps=20, warm_up=4),
    student=Budget(steps=20, warm_up=4, learning_rate=2e-4),
    vocoder_clips=2,
    vocoder_batch=2,
    vocoder=Budget(steps=20, warm_up=4),
    contest_batch=1,
    contest=Budget(steps=4, warm_up=1, learning_rate=2e-4),
)


@pytest.mark.skipif(
    not (FONT.exists() and find_spec("tinysoundfont")),
    reason="rendering needs a soundfont and TinySoundFont",
)
@pytest.mark.slow
def test_twenty_steps_of_everything_leave_a_model_that_makes_music(tmp_path: Path) -> None:
    for stage in STAGES.values():
        stage(tmp_path, TOY)
    assert "embedded, 1 step" in (tmp_path / "report" / "table.md").read_text()
    model = load(tmp_path / "model")
    for seconds, frames in ((5.9, 64), (11.8, 128)):
        told = model.encode_text("dark techno", seconds=seconds, context=MusicalContext())
        x_T = torch.randn(model.latents_shape(seconds))
        assert x_T.shape[-1] == frames
        for steps in (1, 2, 4):
            x_0 = model.with_steps(steps).denoise(x_T, torch.ones(1), told)
            assert x_0.shape == x_T.shape
            assert x_0.isfinite().all()

    # Again, from what is there: the same model, without a step of training.
    before = model.digest
    for name in STAGES:
        if name != "evaluation":
            STAGES[name](tmp_path, TOY)
    assert load(tmp_path / "model").digest == before

    # A second stretch begins from the first.
    second = replace(TOY, beginning=tmp_path / "model", denoiser=Budget(steps=1))
    STAGES["denoiser"](_linked(tmp_path, "second"), second)


def _linked(folder: Path, name: str) -> Path:
    """Return a new working folder with the same corpora."""
    other = folder / name
    other.mkdir()
    for part in ("train", "long", "held-out", "held-out-long"):
        (other / part).symlink_to(folder / part)
    return other
