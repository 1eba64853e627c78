"""What cannot be done is refused at once or fails, in words. The engine is a fake."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from plugin_protocol.client import Client, RequestRefusedError, new_job_id
from plugin_protocol.link import Link
from plugin_protocol.messages import (
    Error,
    JobProgress,
    JobState,
    JobSubmit,
)
from plugin_protocol.values import (
    AudioRef,
    Generate,
    Inpaint,
    Intensity,
    Outpaint,
    Region,
    Start,
    Task,
    TextMatch,
)

MakeTask = Callable[..., Task]
Finished = Callable[[Client, Task], JobState]


def test_an_expected_error_keeps_its_words(
    client: Client, outpaint: MakeTask, finished: Finished
) -> None:
    failure = finished(client, outpaint(client, "refuse")).failure
    assert failure is not None
    assert (failure.code, failure.message) == (
        "INVALID_SPEC",
        "The fake engine refuses this. Ask for something else.",
    )


def test_a_description_without_an_audio_text_model_says_where_one_goes(
    client: Client, finished: Finished
) -> None:
    task = Task(objectives=(Generate(seconds=1), TextMatch(description="rain on a roof")))
    failure = finished(client, task).failure
    assert failure is not None
    assert failure.code == "UNKNOWN_MODEL"
    assert "models/clap: matching a description needs one" in failure.message


def test_a_bug_in_the_engine_is_reported_as_ours(
    client: Client, outpaint: MakeTask, finished: Finished
) -> None:
    failure = finished(client, outpaint(client, "bug")).failure
    assert failure is not None
    assert failure.code == "INTERNAL"
    assert "`ditto log`" in failure.hint


def test_a_job_that_runs_out_of_memory_goes_on_with_less(
    client: Client, outpaint: MakeTask, finished: Finished
) -> None:
    whole = finished(client, outpaint(client, 40)).result
    job, steps = new_job_id(), client.metrics()["memory_steps_total"]
    client.submit(job, outpaint(client, "40 hungry hungry"))
    *before, last = client.follow(job)
    assert client.metrics()["memory_steps_total"] == steps + 2
    assert isinstance(last, JobState)
    assert whole is not None
    assert last.result is not None
    assert last.attempt == 1
    assert last.result.takes[0].audio == whole.takes[0].audio
    assert int(last.result.recognized["first iteration"]) > 0
    notes = [e.note for e in before if isinstance(e, JobProgress) and e.note]
    assert notes[-1] == "Memory ran out again: going on with as little of it as possible."


def test_a_job_that_no_memory_is_enough_for_is_refused_with_numbers(
    client: Client, outpaint: MakeTask, finished: Finished
) -> None:
    failure = finished(client, outpaint(client, "5 hungry hungry hungry")).failure
    assert failure is not None
    assert failure.code == "GPU_OOM"
    assert re.search(r" \d+\.\d of \d+\.\d GiB are free\.", failure.message)


@pytest.mark.parametrize("sample", [b"\0\0\xc0\x7f", b"\0\0\x80\xff"], ids=["nan", "-inf"])
def test_a_clip_with_samples_that_are_no_numbers_fails(
    client: Client, finished: Finished, sample: bytes
) -> None:
    sha = client.upload(b"\0" * 396 + sample)
    clip = AudioRef(sha=sha, format="f32le", sample_rate=8000, channels=1, frames=100)
    failure = finished(client, Task(objectives=(Outpaint(seconds=1),), clip=clip)).failure
    assert failure is not None
    assert failure.code == "NON_FINITE"


ABSENT = AudioRef(sha=b"\1" * 32, format="f32le", sample_rate=8000, channels=1, frames=9)


@pytest.mark.parametrize(
    ("task", "code"),
    [
        (Task(objectives=(Outpaint(seconds=1),), clip=ABSENT), "BLOB_MISSING"),
        (Task(objectives=(Outpaint(seconds=1),)), "INVALID_SPEC"),
        (Task(objectives=(Generate(seconds=1),), clip=ABSENT), "INVALID_SPEC"),
        (Task(objectives=(Generate(seconds=-1),)), "INVALID_SPEC"),
        (Task(objectives=(Generate(seconds=float("nan")),)), "INVALID_SPEC"),
        (Task(objectives=(Generate(seconds=1),) * 2), "INVALID_SPEC"),
        (Task(objectives=(Inpaint(regions=(Region(start=2, end=1),)),)), "INVALID_SPEC"),
        (Task(objectives=(Generate(seconds=1),), seed=2**53, takes=2), "INVALID_SPEC"),
    ],
)
def test_an_impossible_task_is_refused_at_once(client: Client, task: Task, code: str) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        client.submit(new_job_id(), task)
    assert refused.value.code == code


def test_the_daemon_keeps_the_rules_itself(daemon: Any) -> None:
    """A client of another make may not know them."""
    wrong = Task(objectives=(Generate(seconds=1), Outpaint(seconds=1), Intensity()))
    with Link(daemon.find(), name="test") as link:
        link.send(JobSubmit(job=new_job_id(), task=wrong))
        answer, _ = link.receive()
    assert isinstance(answer, Error)
    assert answer.failure.code == "INVALID_SPEC"
    assert len(answer.failure.message.split("\n")) == 2


def test_audio_that_is_not_as_described_is_refused(client: Client) -> None:
    sha = client.upload(b"\0" * 100)
    clip = AudioRef(sha=sha, format="f32le", sample_rate=8000, channels=1, frames=26)
    with pytest.raises(RequestRefusedError, match=r"clip: .* are 104 bytes; the blob has 100"):
        client.submit(new_job_id(), Task(objectives=(Outpaint(seconds=1),), clip=clip))


def test_what_is_no_noise_is_told_so(
    client: Client, outpaint: MakeTask, finished: Finished
) -> None:
    start = Start(noise=client.upload(b"music, not noise"))
    failure = finished(client, replace(outpaint(client, 5), start=start)).failure
    assert failure is not None
    assert failure.code == "INVALID_NOISE"
    assert "is no safetensors file" in failure.message
