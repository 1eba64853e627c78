"""From the wire's task to the engine's request."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from bridge.blobs import BlobStore
from bridge.worker.noise import noise_blob
from bridge.worker.results import store_audio
from bridge.worker.tasks import BlobGoneError, NonFiniteAudioError, clip_from, request_from
from engine import controls
from engine.models.music_model import MusicalContext
from engine.requests import Request
from plugin_protocol.values import (
    AnyControl,
    AudioRef,
    Generate,
    Inpaint,
    Intensity,
    Kind,
    Loop,
    Melody,
    Music,
    Note,
    Outpaint,
    Region,
    Repeat,
    SampleFormat,
    Section,
    Start,
    Structure,
    Task,
    TextMatch,
    Vary,
)

TEN = Generate(seconds=10.0)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path)


def stored(audio: Tensor, blobs: BlobStore) -> AudioRef:
    return store_audio(audio, sample_rate=8000, blobs=blobs, sample_format="f64le")


@pytest.mark.parametrize(
    ("kind", "request_"),
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
        (Vary(strength=0.25), Request("vary", strength=0.25)),
    ],
)
def test_each_kind_has_its_request(kind: Kind, request_: Request, blobs: BlobStore) -> None:
    assert request_from(Task(objectives=(kind,)), blobs) == request_


@pytest.mark.parametrize(
    ("control", "engine_control"),
    [
        (
            Intensity(points=((0.0, -30.0), (4.0, -12.0)), match="shape", weight=2.0),
            controls.Intensity(points=((0.0, -30.0), (4.0, -12.0)), match="shape", weight=2.0),
        ),
        (
            Melody(notes=(Note(0.0, 0.5, 60), Note(1.0, 2.0, 64)), schedule=(1.0, 0.0)),
            controls.Melody(
                notes=(controls.Note(0.0, 0.5, 60), controls.Note(1.0, 2.0, 64)),
                schedule=(1.0, 0.0),
            ),
        ),
        (
            Structure(sections=(Section("A", 2.0), Section("", 1.0)), unit="bars"),
            controls.Structure(
                sections=(controls.Section("A", 2.0), controls.Section("", 1.0)), unit="bars"
            ),
        ),
        (Repeat(period=2.0, unit="bars"), controls.Repeat(period=2.0, unit="bars")),
        (
            TextMatch(description="a piano", region=Region(start=1.0, end=2.0)),
            controls.TextMatch(description="a piano", region=(1.0, 2.0)),
        ),
    ],
)
def test_each_control_means_the_same_to_the_engine(
    control: AnyControl, engine_control: controls.Control, blobs: BlobStore
) -> None:
    """Wherever it stands among the objectives."""
    for objectives in ((control, TEN), (TEN, control)):
        request = request_from(Task(objectives=objectives), blobs)
        assert (request.task, request.controls) == ("generate", (engine_control,))


@pytest.mark.parametrize("kind", [Intensity, Melody, Structure])
def test_a_reference_is_read_bit_by_bit(
    kind: type[Intensity | Melody | Structure], blobs: BlobStore
) -> None:
    audio = torch.randn(2, 30, dtype=torch.float64)
    task = Task(objectives=(TEN, kind(reference=stored(audio, blobs))))
    (control,) = request_from(task, blobs).controls
    reference = getattr(control, "reference", None)
    assert isinstance(reference, controls.Reference)
    assert reference.sample_rate == 8000
    assert reference.audio.equal(audio)


def test_what_all_tasks_share_is_passed_on(blobs: BlobStore) -> None:
    task = Task(
        objectives=(Generate(seconds=3.0),),
        prompt="techno",
        seed=5,
        takes=2,
        quality="paper",
        music=Music(bpm=120.0, beat_offset=-0.5, key="A minor"),
        balance=True,
    )
    context = MusicalContext(bpm=120.0, beat_offset=-0.5, key="A minor")
    assert request_from(task, blobs) == Request(
        "generate",
        3.0,
        prompt="techno",
        seed=5,
        takes=2,
        quality="paper",
        context=context,
        balance=True,
    )


def test_a_start_brings_its_noise(blobs: BlobStore) -> None:
    noise = (torch.randn(1, 4, 16), torch.randn(1, 4, 9))
    data = noise_blob(noise)
    assert data is not None
    start = Start(noise=blobs.write(data), mode="resample")
    found = request_from(Task(objectives=(TEN,), start=start), blobs).start
    assert found is not None
    assert found.mode == "resample"
    assert all(x.equal(y) for x, y in zip(found.noise, noise, strict=True))


@pytest.mark.parametrize(
    ("sample_format", "dtype"), [("f32le", torch.float32), ("f64le", torch.float64)]
)
def test_audio_comes_back_bit_by_bit(
    blobs: BlobStore, sample_format: SampleFormat, dtype: torch.dtype
) -> None:
    audio = torch.randn(2, 30, dtype=dtype)
    ref = store_audio(audio.T.clone().T, sample_rate=8000, blobs=blobs, sample_format=sample_format)
    assert clip_from(ref, blobs).audio.equal(audio)


def test_what_was_removed_is_gone(blobs: BlobStore) -> None:
    ref = AudioRef(sha=bytes(32), format="f32le", sample_rate=8000, channels=1, frames=9)
    with pytest.raises(BlobGoneError, match=r"The clip was removed .* Send it again"):
        clip_from(ref, blobs)
    with pytest.raises(BlobGoneError, match="The melody reference was removed"):
        request_from(Task(objectives=(TEN, Melody(reference=ref))), blobs)
    with pytest.raises(BlobGoneError, match="The noise to start from was removed"):
        request_from(Task(objectives=(TEN,), start=Start(noise=bytes(32))), blobs)


def test_a_reference_with_samples_that_are_no_numbers_is_named(blobs: BlobStore) -> None:
    ref = stored(torch.tensor([[0.0, float("nan")]]), blobs)
    with pytest.raises(NonFiniteAudioError, match="The intensity reference contains samples"):
        request_from(Task(objectives=(TEN, Intensity(reference=ref))), blobs)
