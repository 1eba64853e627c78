"""The benchmark of speed: the levers there are, in an order, with numbers of their own."""

import math
import time
from dataclasses import replace

import pytest
import torch

from engine.evaluation import speed
from engine.evaluation.real_size import SIZES, Sized
from engine.models.music_model import MusicalContext
from tests.engine.models.test_embedded import small

CPU = torch.device("cpu")


def sized() -> Sized:
    model = replace(small(), guidance=2.0, steps=2)
    told = model.encode_text("rock", seconds=5.9, context=MusicalContext())
    return Sized(model, 5.9, told)


def test_levers_come_one_after_the_other_and_stay() -> None:
    ways = list(speed.ways(sized()))
    assert [way.lever for way in ways] == [
        "the paper's way",
        "loss on latents",
        "2 steps",
        "no guidance in the search",
        "recomputing by memory",
        "bfloat16",
        "compiled",
        "surrogate of 1",
    ]
    assert [way.steps for way in ways] == [20, 20, 2, 2, 2, 2, 2, 1]


def test_every_row_has_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "compiled", lambda model: model)
    monkeypatch.setattr(speed, "REPEATS", 1)
    monkeypatch.setattr(speed, "PAPER_STEPS", 4)
    # A waveform takes most of the time, and is neither counted nor compared here.
    ways = list(speed.ways(sized()))[1:]
    monkeypatch.setattr(speed, "ways", lambda _: ways)
    monkeypatch.setattr(speed, "matmul_rate", lambda device, dtype: 1.0)
    monkeypatch.setattr(speed, "_music", lambda player: None)
    rows = list(speed.measure(sized(), CPU, until=math.inf))
    assert [row.failed for row in rows] == [""] * len(rows)
    assert all(row.seconds > 0 and row.peak_bytes > 0 and row.rate_share > 0 for row in rows)
    work = {row.lever: row.tflop for row in rows}
    assert work["loss on latents"] == pytest.approx(2 * work["2 steps"], rel=0.01)
    assert work["2 steps"] == pytest.approx(2 * work["no guidance in the search"], rel=0.05)
    assert work["surrogate of 1"] == pytest.approx(work["bfloat16"] / 2, rel=0.05)
    assert all(len(speed.line(row)) == len(speed.head("").splitlines()[1]) for row in rows)


def test_without_time_nothing_is_begun() -> None:
    rows = list(speed.measure(sized(), CPU, until=time.monotonic() - 1))
    assert {row.failed for row in rows} == {"no time was left"}


@pytest.mark.parametrize(
    ("name", "millions"), [("sao", 1057), ("sa3-small", 459), ("sa3-medium", 1453), ("ace", 1575)]
)
def test_random_models_have_the_size_of_the_real_ones(name: str, millions: int) -> None:
    make, lengths = SIZES[name]
    model = make(torch.device("meta"), lengths[0]).model
    weights = sum(each.numel() for each in model.network.parameters())  # type: ignore[attr-defined]
    assert round(weights / 1e6) == millions
    shape = model.latents_shape(lengths[0])
    assert shape[-1] * model.hop_length / model.sample_rate == pytest.approx(lengths[0], abs=0.1)


@pytest.mark.parametrize("name", ["sa3-small", "ace"])
def test_random_models_take_a_step(name: str) -> None:
    where = torch.device("meta")
    sized = SIZES[name][0](where, 10.0)
    x_T = torch.zeros(sized.model.latents_shape(10.0), device=where)
    x_0 = sized.model.denoise(x_T, torch.ones(1, device=where), sized.told)
    assert x_0.shape == x_T.shape
    assert sized.model.decode(x_0).shape[-1] == x_T.shape[-1] * sized.model.hop_length
