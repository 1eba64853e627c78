"""A task is accepted when all blobs that it names are here and as it says."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bridge.acceptance import check_task
from bridge.blobs import BlobStore
from bridge.refusals import Refusal
from plugin_protocol.values import (
    NOISE_BYTES,
    AudioRef,
    Intensity,
    Melody,
    Start,
    Structure,
    Task,
    Vary,
)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path)


@pytest.fixture
def task(blobs: BlobStore) -> Task:
    """A task whose every blob is here, each of its own length."""
    clip, first, second, third = (audio(blobs, frames) for frames in (1, 2, 3, 4))
    return Task(
        objectives=(
            Vary(),
            Intensity(reference=first),
            Melody(reference=second),
            Structure(reference=third),
        ),
        clip=clip,
        start=Start(noise=blobs.write(b"noise")),
    )


def audio(blobs: BlobStore, frames: int) -> AudioRef:
    sha = blobs.write(bytes(4 * frames))
    return AudioRef(sha=sha, format="f32le", sample_rate=8000, channels=1, frames=frames)


def refused(task: Task, blobs: BlobStore) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        check_task(task, blobs)
    return refusal.value


def test_a_task_with_all_its_blobs_is_accepted(task: Task, blobs: BlobStore) -> None:
    check_task(task, blobs)


@pytest.mark.parametrize(
    ("frames", "name"),
    [
        (1, "the clip's audio"),
        (2, "the intensity reference's audio"),
        (3, "the melody reference's audio"),
        (4, "the structure reference's audio"),
    ],
)
def test_each_missing_blob_is_named(task: Task, blobs: BlobStore, frames: int, name: str) -> None:
    blobs.remove(audio(blobs, frames).sha)
    assert task.start is not None
    blobs.remove(task.start.noise)
    failure = refused(task, blobs).failure
    assert failure.code == "BLOB_MISSING"
    assert failure.message == f"Not here: {name}, the noise to start from."


def test_all_audio_that_is_not_as_described_is_named(task: Task, blobs: BlobStore) -> None:
    wrong = replace(audio(blobs, 3), frames=7)
    objectives = (Vary(), Intensity(reference=wrong), Melody(reference=wrong))
    failure = refused(replace(task, objectives=objectives, clip=wrong), blobs).failure
    assert failure.code == "INVALID_AUDIO"
    lines = failure.message.split("\n")
    assert [line.split(":")[0] for line in lines] == [
        "clip", "intensity reference", "melody reference",
    ]  # fmt: skip
    assert all("28 bytes; the blob has 12" in line for line in lines)


def test_noise_has_a_limit(task: Task, blobs: BlobStore) -> None:
    assert task.start is not None
    with blobs.path(task.start.noise).open("r+b") as file:
        file.truncate(NOISE_BYTES + 1)
    assert refused(task, blobs).failure.code == "INVALID_NOISE"


def test_rules_come_before_blobs(task: Task, blobs: BlobStore) -> None:
    blobs.remove(audio(blobs, 1).sha)
    assert refused(replace(task, objectives=(Intensity(),)), blobs).failure.code == "INVALID_SPEC"
