"""The rows of the table, with music whose answer is known in place of the model's."""

import numpy as np
import pytest
import torch

from engine.controls import Intensity
from engine.evaluation import control_cases, control_combinations
from engine.evaluation.control_cases import INVERSION, Cases
from engine.evaluation.control_clips import bundled_clips
from engine.evaluation.control_combinations import combined, outpainted
from engine.evaluation.control_measures import SAMPLE_RATE
from engine.evaluation.control_runs import Made, Rows
from engine.evaluation.control_targets import TARGETS
from engine.evaluation.controls import kept
from engine.models.embedded import EmbeddedModel, load
from engine.requests import Clip, Request
from engine.results import TakeResult


@pytest.fixture(scope="module")
def model() -> EmbeddedModel:
    return load()


class Orchestra:
    """Plays noise at the level that is asked, at -60 dB where none is; counts its performances."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def __call__(self, request: Request, clip: Clip | None, model: EmbeddedModel) -> Made:
        self.requests.append(request)
        old = clip.audio.numpy() if clip else np.zeros((2, 0), np.float32)
        time = np.arange(old.shape[1], old.shape[1] + round(request.seconds * SAMPLE_RATE))
        level = np.full(len(time), -60.0)
        for control in request.controls:
            if isinstance(control, Intensity):
                level = np.interp(time / SAMPLE_RATE, *zip(*control.points, strict=True))
        noise = np.random.default_rng(request.seed).standard_normal((2, len(time)))
        new = (noise * 10 ** (level / 20)).astype(np.float32)
        take = TakeResult(
            seed=request.seed,
            audio=torch.from_numpy(new),
            losses={"overlap": 4.0 + len(request.controls)},
            first_losses={"overlap": 100.0},
            iterations=10,
            stopped="threshold",
            noise=(torch.randn(1, 192, 64, generator=torch.Generator().manual_seed(0)),),
        )
        return Made(np.concatenate([old, new], -1), take, 1.0, 0.1)


@pytest.fixture
def orchestra(monkeypatch: pytest.MonkeyPatch) -> Orchestra:
    orchestra = Orchestra()
    for module in (control_cases, control_combinations):
        monkeypatch.setattr(module, "make", orchestra)
    return orchestra


def test_a_row_compares_the_same_seed_with_and_without(
    orchestra: Orchestra, model: EmbeddedModel
) -> None:
    row = Cases(model, "normal", Rows()).single("intensity", 0, 7)
    without, steered = orchestra.requests
    assert without.seed == steered.seed == 7
    assert (without.prompt, without.context) == (steered.prompt, steered.context)
    assert (without.controls, steered.controls) == ((), (TARGETS["intensity"][0].control,))
    assert row.before["intensity"] > 20
    assert row.after["intensity"] < 1
    assert row.noise_deviation[0] == pytest.approx(1, abs=0.05)


def test_music_without_a_control_is_made_once_for_all_controls(
    orchestra: Orchestra, model: EmbeddedModel
) -> None:
    cases = Cases(model, "normal", Rows())
    for control in ("intensity", "shape", "melody", "structure"):
        cases.single(control, 0, 0)
    assert [len(request.controls) for request in orchestra.requests] == [0, 1, 1, 1, 1]


def test_a_combination_uses_the_rows_of_each_alone(
    orchestra: Orchestra, model: EmbeddedModel
) -> None:
    cases = Cases(model, "normal", Rows())
    alone = cases.single("intensity", 3, 0), cases.single("structure", 3, 0)
    made = len(orchestra.requests)
    row = combined(cases, "intensity + structure", 3, 0)
    assert [len(request.controls) for request in orchestra.requests[made:]] == [2]
    assert row.alone == alone[0].after | alone[1].after
    assert row.before == alone[0].before | alone[1].before
    # The orchestra plays the level as well with as without a form beside it.
    assert kept([row], "intensity") == pytest.approx(1)


def test_outpainting_asks_for_the_level_after_the_clip(
    orchestra: Orchestra, model: EmbeddedModel
) -> None:
    row = outpainted(Cases(model, "normal", Rows()), 0, 0)
    only_overlap, only_level, both = orchestra.requests
    assert [r.task for r in orchestra.requests] == ["outpaint", "generate", "outpaint"]
    (alone,), (beside,) = only_level.controls, both.controls
    assert alone.points[0][0] == 0
    assert beside.points[0][0] == bundled_clips()[0].clip.audio.shape[-1] / SAMPLE_RATE
    assert only_overlap.controls == ()
    assert row.after["intensity"] < 1
    assert kept([row], "intensity") == pytest.approx(1, abs=0.01)
    assert kept([row], "overlap") == pytest.approx((100 - 5) / (100 - 4))


def test_inverted_without_loss_a_clip_is_closer_than_from_the_codec(
    orchestra: Orchestra, model: EmbeddedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = bundled_clips()
    monkeypatch.setattr(control_cases, "inversion_clips", lambda model: known)
    row = Cases(model, "normal", Rows()).inversion(0, 0)
    assert orchestra.requests[-1].task == "vary"
    assert orchestra.requests[-1].strength == 0
    assert -5 < row.after[INVERSION] < 0 < row.before[INVERSION]
