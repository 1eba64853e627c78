"""The daemon as its clients see it. The engine is a fake, everything else is real."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from plugin_protocol.client import Client, RequestRefusedError, new_job_id
from plugin_protocol.messages import (
    JobPreview,
    JobProgress,
    JobState,
)
from plugin_protocol.values import (
    AudioRef,
    Generate,
    Outpaint,
    Start,
    Task,
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
