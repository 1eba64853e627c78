"""The client for asyncio against a real daemon; its worker has no engine."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from plugin_protocol.async_client import AsyncClient
from plugin_protocol.client import new_job_id
from plugin_protocol.errors import ClientError, DaemonStoppedError, RequestRefusedError
from plugin_protocol.messages import JobProgress, JobState
from plugin_protocol.values import CHUNK_BYTES, AudioRef, Generate, Outpaint, Result, Task

PATIENCE_SECONDS = 60.0
SAMPLE = b"\0\0\0\x3f"


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(coroutine, PATIENCE_SECONDS))


@asynccontextmanager
async def client_of(daemon: Any) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(daemon.find(), name="async", find=daemon.find) as client:
        yield client


async def outpaint(client: AsyncClient, iterations: int, *, seed: int = 0) -> Task:
    sha = await client.upload(SAMPLE * 1000)
    clip = AudioRef(sha=sha, format="f32le", sample_rate=8000, channels=1, frames=1000)
    objectives = (Outpaint(seconds=3),)
    return Task(objectives=objectives, clip=clip, prompt=str(iterations), seed=seed)


async def result_of(client: AsyncClient, job: str) -> Result:
    states = [event async for event in client.follow(job) if isinstance(event, JobState)]
    assert states[-1].state == "done"
    assert states[-1].result is not None
    return states[-1].result


def test_a_whole_job(brisk_daemon: Any) -> None:
    async def whole() -> None:
        async with client_of(brisk_daemon) as client:
            task = await outpaint(client, 5)
            job = new_job_id()
            assert (await client.submit(job, task)).state == "queued"
            events = [event async for event in client.follow(job)]
            assert [e.ev for e in events if isinstance(e, JobState)] == [1, 2, 3, 4]
            assert any(isinstance(event, JobProgress) for event in events)
            last = events[-1]
            assert isinstance(last, JobState)
            assert last.result is not None
            audio = last.result.takes[0].audio
            music = await client.download(audio.sha)
            assert len(music) == 8 * audio.frames * audio.channels
            await client.ack(job)
            assert (await client.details(job)).acked
            assert job in {summary.job for summary in await client.jobs()}
            await client.forget(job)
            assert (await client.attach(job)).state == "unknown"

    run(whole())


def test_many_coroutines_use_one_client_at_once(brisk_daemon: Any) -> None:
    async def crowd() -> None:
        async with client_of(brisk_daemon) as client:
            tasks = [await outpaint(client, 3, seed=seed) for seed in (1, 2)]
            jobs = [new_job_id() for _ in tasks]
            clips = [i.to_bytes(4) * (5 * CHUNK_BYTES) for i in range(6)]
            together = await asyncio.gather(
                *(client.upload(clip) for clip in clips),
                *(client.submit(*pair) for pair in zip(jobs, tasks, strict=True)),
                *(client.ping() for _ in range(9)),
            )
            shas = [sha for sha in together if isinstance(sha, bytes)]
            back = await asyncio.gather(*(client.download(sha) for sha in shas))
            assert [bytes(data) for data in back] == clips
            results = await asyncio.gather(*(result_of(client, job) for job in jobs))
            assert [result.takes[0].seed for result in results] == [1, 2]

    run(crowd())


def test_one_coroutine_ends_what_another_follows(brisk_daemon: Any) -> None:
    async def end() -> None:
        async with client_of(brisk_daemon) as client:
            job = new_job_id()
            await client.submit(job, await outpaint(client, 5000))
            ended = False
            async for event in client.follow(job):
                if isinstance(event, JobProgress) and not ended:
                    ended = await client.cancel(job)
                    assert ended
                last = event
            assert isinstance(last, JobState)
            assert last.state == "cancelled"

    run(end())


def test_who_gives_up_waiting_ends_no_job(brisk_daemon: Any) -> None:
    async def give_up() -> None:
        async with client_of(brisk_daemon) as client:
            job = new_job_id()
            task = Task(objectives=(Generate(seconds=1),), prompt="5000")
            await client.submit(job, task)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(result_of(client, job), 0.05)
            assert (await client.attach(job)).state != "cancelled"
            with pytest.raises(RequestRefusedError) as refused:
                await client.submit(job, await outpaint(client, 1))
            assert refused.value.code == "ID_CONFLICT"
            await client.cancel(job)

    run(give_up())


def test_work_goes_on_with_the_next_daemon(brisk_daemon: Any) -> None:
    async def survive() -> None:
        async with client_of(brisk_daemon) as client:
            first = client.welcome.epoch
            job = new_job_id()
            await client.submit(job, await outpaint(client, 60))
            events = client.follow(job)
            async for event in events:
                if isinstance(event, JobProgress):
                    break
            await asyncio.to_thread(brisk_daemon.kill)
            question = asyncio.create_task(client.ping())
            clip = asyncio.create_task(client.upload(b"audio" * CHUNK_BYTES))
            await asyncio.to_thread(brisk_daemon.start)
            assert (await question).epoch == first + 1
            assert await client.download(await clip) == b"audio" * CHUNK_BYTES
            last = [event async for event in events][-1]
            assert isinstance(last, JobState)
            assert (last.state, last.attempt) == ("done", 2)

    run(survive())


def test_closing_tells_who_still_waits(brisk_daemon: Any) -> None:
    async def close() -> None:
        async with client_of(brisk_daemon) as client:
            job = new_job_id()
            await client.submit(job, Task(objectives=(Generate(seconds=1),), prompt="5000"))
            waiting = asyncio.create_task(result_of(client, job))
            await client.ping()
        with pytest.raises(ClientError, match="was closed"):
            await waiting
        with pytest.raises(ClientError, match="was closed"):
            await client.ping()

    run(close())


def test_a_stop_is_asked_for_once(brisk_daemon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin_protocol.conversation.STOPPED_SECONDS", 0.0)

    async def stop() -> None:
        async with client_of(brisk_daemon) as client:
            await client.stop_daemon()
            assert await asyncio.to_thread(brisk_daemon.process.wait, 20) == 0
            with pytest.raises(DaemonStoppedError):
                await client.ping()

    run(stop())


def test_who_asks_again_finds_the_daemon_that_comes_later(
    unborn_daemon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugin_protocol.conversation.STOPPED_SECONDS", 0.0)

    async def come_back() -> None:
        unborn_daemon.start()
        async with client_of(unborn_daemon) as client:
            job = new_job_id()
            await client.submit(job, await outpaint(client, 5))
            await client.stop_daemon()
            assert await asyncio.to_thread(unborn_daemon.process.wait, 20) == 0
            for _ in range(2):
                with pytest.raises(DaemonStoppedError):
                    await client.ping()
            await asyncio.to_thread(unborn_daemon.start)
            pongs = await asyncio.gather(*(client.ping() for _ in range(3)))
            assert {pong.epoch for pong in pongs} == {2}
            assert (await result_of(client, job)).takes

    run(come_back())
