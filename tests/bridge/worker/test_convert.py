"""Between the wire's values and the engine's."""

from pathlib import Path

import pytest
import torch

from bridge.blobs import BlobStore
from bridge.pipe import Finished, require_sendable
from bridge.worker.convert import ClipGoneError, clip_from, request_from, result_from, store_audio
from engine.models.music_model import MusicalContext
from engine.tasks import MeasuredCurve, Request, TakeResult, TaskResult
from plugin_protocol.values import (
    AudioRef,
    Generate,
    Inpaint,
    Loop,
    Music,
    Objective,
    Outpaint,
    Region,
    SampleFormat,
    Task,
)


@pytest.mark.parametrize(
    ("objective", "request_"),
    [
        (Generate(seconds=3.0), Request("generate", seconds=3.0)),
        (
            Outpaint(seconds=3.0, side="both", overlap=1.0),
            Request("outpaint", seconds=3.0, side="both", overlap=1.0),
        ),
        (Loop(seconds=2.0, overlap=1.0), Request("loop", seconds=2.0, overlap=1.0)),
        (
            Inpaint(regions=(Region(start=1.0, end=2.0), Region(start=3.0, end=4.0))),
            Request("inpaint", regions=((1.0, 2.0), (3.0, 4.0))),
        ),
    ],
)
def test_each_objective_has_its_request(objective: Objective, request_: Request) -> None:
    assert request_from(Task(objectives=(objective,))) == request_


def test_what_all_tasks_share_is_passed_on() -> None:
    task = Task(
        objectives=(Generate(seconds=3.0),),
        prompt="techno",
        seed=5,
        takes=2,
        quality="best",
        music=Music(bpm=120.0, beat_offset=-0.5, key="A minor"),
    )
    context = MusicalContext(bpm=120.0, beat_offset=-0.5, key="A minor")
    assert request_from(task) == Request(
        "generate", 3.0, prompt="techno", seed=5, takes=2, quality="best", context=context
    )


@pytest.mark.parametrize(
    ("sample_format", "dtype"), [("f32le", torch.float32), ("f64le", torch.float64)]
)
def test_audio_comes_back_bit_by_bit(
    tmp_path: Path, sample_format: SampleFormat, dtype: torch.dtype
) -> None:
    audio, blobs = torch.randn(2, 30, dtype=dtype), BlobStore(tmp_path)
    ref = store_audio(audio.T.clone().T, sample_rate=8000, blobs=blobs, sample_format=sample_format)
    assert clip_from(ref, blobs).audio.equal(audio)


def test_a_clip_that_was_removed_is_gone(tmp_path: Path) -> None:
    ref = AudioRef(sha=bytes(32), format="f32le", sample_rate=8000, channels=1, frames=9)
    with pytest.raises(ClipGoneError, match="Send it again"):
        clip_from(ref, BlobStore(tmp_path))


def test_a_result_with_many_long_curves_still_fits_into_a_header(tmp_path: Path) -> None:
    times = tuple(i / 7 for i in range(5000))
    curves = tuple(MeasuredCurve("x" * 300, "dB", i, times, times, times) for i in range(24))
    takes = tuple(TakeResult(i, torch.zeros(1, 9), {"x": 1.0}, {}, 5, "finish") for i in range(8))
    context = MusicalContext(bpm=7.0)  # too slow for the wire, so it is left out
    engine_result = TaskResult(takes, ((0, 9),), 0, 8000, context, {}, curves)
    result = result_from(engine_result, blobs=BlobStore(tmp_path), sample_format="f32le")
    require_sendable(Finished(job="job", result=result))
    assert (result.curves[0].seconds[0], result.curves[0].seconds[-1]) == (times[0], times[-1])
    assert result.music.bpm is None
