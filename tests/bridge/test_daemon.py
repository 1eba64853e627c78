"""The daemon as its clients see it. The engine is a fake, everything else is real."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from plugin_protocol.client import Client, RequestRefusedError, new_job_id
from plugin_protocol.link import Link
from plugin_protocol.messages import (
    Error,
    JobPreview,
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

FOREVER = 100_000
MakeTask = Callable[..., Task]
Finished = Callable[[Client, Task], JobState]


def wait_until_running(client: Client, job: str) -> None:
    for event in client.follow(job):
        if isinstance(event, JobProgress) and event.phase == "optimizing":
            return


def test_the_result_begins_with_the_clip(
    client: Client, outpaint: MakeTask, finished: Finished
) -> None:
    state = finished(client, outpaint(client, 5))
    assert state.result is not None
    audio = state.result.takes[0].audio
    left = client.download(audio.sha)[: 1000 * 4]
    assert (audio.channels, audio.frames, left) == (2, 1192, b"\0\0\0\x3f" * 1000)


def test_a_result_is_as_precise_as_its_clip(
    client: Client, outpaint: MakeTask, finished: Finished
) -> None:
    sha = client.upload(b"\0" * 8000)
    clip = AudioRef(sha=sha, format="f64le", sample_rate=8000, channels=1, frames=1000)
    state = finished(client, Task(objectives=(Outpaint(seconds=1),), clip=clip))
    assert state.result is not None
    assert state.result.takes[0].audio.format == "f64le"


def test_music_without_a_clip_comes_at_the_models_rate(client: Client, finished: Finished) -> None:
    state = finished(client, Task(objectives=(Generate(seconds=1),)))
    assert state.result is not None
    assert state.result.takes[0].audio.sample_rate == 8000


def test_states_come_in_order_and_are_counted(client: Client, outpaint: MakeTask) -> None:
    job = new_job_id()
    client.submit(job, outpaint(client, 5))
    states = [e for e in client.follow(job) if isinstance(e, JobState)]
    assert [s.state for s in states][-2:] == ["running", "done"]
    assert [s.ev for s in states] == sorted({s.ev for s in states})


def test_the_same_id_again_attaches(client: Client, outpaint: MakeTask) -> None:
    job, task = new_job_id(), outpaint(client, 5)
    client.submit(job, task)
    list(client.follow(job))
    again = client.submit(job, task)
    assert (again.state, again.attempt) == ("done", 1)


def test_the_same_id_for_another_task_is_a_conflict(client: Client, outpaint: MakeTask) -> None:
    job = new_job_id()
    client.submit(job, outpaint(client, 1))
    with pytest.raises(RequestRefusedError, match="taken by another task") as refused:
        client.submit(job, outpaint(client, 2))
    assert refused.value.code == "ID_CONFLICT"


def test_a_cancelled_job_makes_room_for_the_next(
    client: Client, outpaint: MakeTask, finished: Finished
) -> None:
    job = new_job_id()
    client.submit(job, outpaint(client, FOREVER))
    wait_until_running(client, job)
    assert client.cancel(job)
    assert client.attach(job).state == "cancelled"
    assert finished(client, outpaint(client, 1)).state == "done"


def test_a_waiting_job_can_be_cancelled(client: Client, outpaint: MakeTask) -> None:
    first, second = new_job_id(), new_job_id()
    client.submit(first, outpaint(client, FOREVER))
    assert client.submit(second, outpaint(client, FOREVER, seed=1)).ahead <= 1
    assert client.cancel(second)
    assert client.attach(second).state == "cancelled"
    client.cancel(first)


def test_cancelling_twice_changes_nothing(client: Client, outpaint: MakeTask) -> None:
    job = new_job_id()
    client.submit(job, outpaint(client, FOREVER))
    assert client.cancel(job)
    assert not client.cancel(job)


def test_finish_now_gives_the_best_so_far(client: Client, outpaint: MakeTask) -> None:
    job = new_job_id()
    client.submit(job, outpaint(client, FOREVER))
    wait_until_running(client, job)
    client.cancel(job, "finish")
    last = list(client.follow(job))[-1]
    assert isinstance(last, JobState)
    assert last.result is not None
    take = last.result.takes[0]
    assert take.stopped == "finish"
    assert take.iterations < FOREVER


def test_previews_come_when_asked_for(client: Client, outpaint: MakeTask) -> None:
    job = new_job_id()
    client.submit(job, outpaint(client, FOREVER), previews=True)
    preview = next(e for e in client.follow(job) if isinstance(e, JobPreview))
    assert len(client.download(preview.audio.sha)) == 4 * preview.audio.frames
    client.cancel(job)


def test_progress_says_how_long_it_will_take(client: Client, outpaint: MakeTask) -> None:
    job = new_job_id()
    client.submit(job, outpaint(client, 30))
    progress = [e for e in client.follow(job) if isinstance(e, JobProgress)]
    assert any(e.eta_seconds is not None for e in progress)


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


def test_the_noise_of_a_take_starts_another_job(
    client: Client, outpaint: MakeTask, finished: Finished
) -> None:
    first = finished(client, outpaint(client, 5)).result
    assert first is not None
    noise = first.takes[0].noise
    assert noise is not None
    start = Start(noise=noise, mode="resample")
    second = finished(client, replace(outpaint(client, 5), start=start)).result
    assert second is not None
    assert second.takes[0].noise == noise


def test_what_is_no_noise_is_told_so(
    client: Client, outpaint: MakeTask, finished: Finished
) -> None:
    start = Start(noise=client.upload(b"music, not noise"))
    failure = finished(client, replace(outpaint(client, 5), start=start)).failure
    assert failure is not None
    assert failure.code == "INVALID_NOISE"
    assert "is no safetensors file" in failure.message


def test_an_unknown_job_is_unknown(client: Client) -> None:
    assert client.attach(new_job_id()).state == "unknown"
    with pytest.raises(RequestRefusedError, match="There is no job"):
        client.cancel(new_job_id())


def test_jobs_are_listed_newest_first(client: Client, outpaint: MakeTask) -> None:
    jobs = [new_job_id(), new_job_id()]
    for job in jobs:
        client.submit(job, outpaint(client, 1))
    assert [summary.job for summary in client.jobs(2)] == jobs[::-1]


def test_a_list_goes_on_where_it_stopped(client: Client, outpaint: MakeTask) -> None:
    task = outpaint(client, 1)
    jobs = [new_job_id() for _ in range(3)]
    for job in jobs:
        client.submit(job, task)
    assert [summary.job for summary in client.jobs(2, before=jobs[2])] == jobs[1::-1]
    assert client.jobs(before=new_job_id()) == ()


def test_a_list_may_be_of_one_state(client: Client, outpaint: MakeTask, finished: Finished) -> None:
    job = finished(client, outpaint(client, 1)).job
    assert job in {summary.job for summary in client.jobs(100, state="done")}
    assert job not in {summary.job for summary in client.jobs(100, state="cancelled")}


def test_a_large_blob_comes_back_as_it_went(client: Client) -> None:
    data = bytes(range(256)) * 16384 + b"odd"  # 17 chunks: more than one window
    safe: list[int] = []
    assert client.download(client.upload(data, on_bytes=safe.append)) == data
    assert safe == sorted(safe)
    assert safe[-1] == len(data)


def test_a_blob_that_is_not_there_is_gone(client: Client) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        client.download(b"\2" * 32)
    assert refused.value.code == "GONE"
