"""The commands that look after a daemon, with a real one (its worker has no engine)."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.paths import locate
from plugin_protocol.client import new_job_id
from plugin_protocol.values import Generate, Task

DITTO = (sys.executable, "-c", "from bridge.cli import main; main()")


@pytest.fixture
def real(lasting_daemon: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The daemon that `ditto` finds."""
    monkeypatch.setenv("DITTO_HOME", str(lasting_daemon.home))
    return lasting_daemon


@pytest.fixture
def submit(real: Any) -> Callable[..., str]:
    """Hand over a job of so many iterations and return its id."""

    def hand_over(iterations: int, *, until_over: bool = True) -> str:
        with real.client() as client:
            job = new_job_id()
            objectives = (Generate(seconds=1),)
            client.submit(job, Task(objectives=objectives, prompt=f"{iterations} drums"))
            if until_over:
                list(client.follow(job))
        return job

    return hand_over


def test_jobs_lists_the_newest_first(ditto: Callable, submit: Callable[..., str]) -> None:
    first, second = submit(1), submit(2)
    lines = ditto("jobs").out.splitlines()
    assert [line.split()[-1] for line in lines[:2]] == [second, first]
    assert [line.split()[-1] for line in ditto("jobs", "-n", 1).out.splitlines()] == [second]
    assert ditto("jobs", "--state", "failed").out == "there are no such jobs\n"
    told = json.loads(ditto("jobs", "--json", "-n", 2).out)
    assert [(each["job"], each["state"]) for each in told] == [(second, "done"), (first, "done")]


@pytest.mark.parametrize("means", [lambda job: job, lambda job: job[-6:], lambda _: "last"])
def test_show_tells_all_about_a_job(
    ditto: Callable, submit: Callable[..., str], means: Callable[[str], str]
) -> None:
    job = submit(3)
    outcome = ditto("show", means(job))
    assert outcome.out.startswith(f"{job}: done\n")
    assert "3 drums, seed 0, normal" in outcome.out
    assert "made      1 take" in outcome.out


def test_show_for_programs_has_the_task_and_the_result(
    ditto: Callable, submit: Callable[..., str]
) -> None:
    told = json.loads(ditto("show", submit(3), "--json").out)
    assert told["task"]["prompt"] == "3 drums"
    assert told["task"]["objectives"] == [{"kind": "generate", "seconds": 1}]
    assert len(told["result"]["takes"][0]["audio"]["sha"]) == 64


def test_a_job_that_nobody_means_is_told_so(ditto: Callable, submit: Callable[..., str]) -> None:
    outcome = ditto("show", "nonsense")
    assert (outcome.status, outcome.out) == (1, "")
    assert "No job among the newest 100 is meant by 'nonsense'" in outcome.err


def test_watch_follows_a_job_to_its_end(ditto: Callable, submit: Callable[..., str]) -> None:
    job = submit(60, until_over=False)
    assert ditto("watch", "last").out == f"{job}: done\n"
    lines = [json.loads(line) for line in ditto("watch", job, "--json").out.splitlines()]
    assert (lines[-1]["event"], lines[-1]["state"]) == ("JobState", "done")


def test_cancel_and_finish_end_the_job_that_is_named(
    ditto: Callable, submit: Callable[..., str]
) -> None:
    first, second = (submit(n, until_over=False) for n in (100_000, 100_001))
    assert ditto("finish", first).out == f"{first} ends with the best so far\n"
    assert ditto("watch", first).status == 0
    assert ditto("cancel", second).out == f"{second} is cancelled\n"
    assert ditto("cancel", second).out == f"{second} was over, or ending, already\n"
    assert ditto("watch", second).status == 1


def test_log_tells_of_one_job_in_order(ditto: Callable, submit: Callable[..., str]) -> None:
    submit(1)
    job = submit(1)
    lines = [json.loads(line) for line in ditto("log", "--job", job, "--json").out.splitlines()]
    assert {line["job"] for line in lines} == {job}
    assert lines[0]["event"] == "accepted"
    assert "accepted" in ditto("log", "--job", job[-5:]).out.splitlines()[0]


def test_log_goes_on_with_what_is_written_later(real: Any, submit: Callable[..., str]) -> None:
    submit(1)
    command = [*DITTO, "log", "--follow", "-n", "1", "--json"]
    with subprocess.Popen(
        command, env=real.environment, stdout=subprocess.PIPE, text=True
    ) as follower:
        impatience = threading.Timer(20, follower.kill)
        impatience.start()
        assert follower.stdout is not None
        follower.stdout.readline()
        job = submit(1)
        told = (json.loads(line) for line in follower.stdout)
        assert any(line.get("job") == job and line["event"] == "accepted" for line in told)
        # Not as Ctrl-C would: where the tests run in the background, a shell has it ignored.
        follower.terminate()
        follower.wait(20)
        impatience.cancel()


def test_no_lines_are_no_lines(ditto: Callable, submit: Callable[..., str]) -> None:
    submit(1)
    assert ditto("log", "-n", 0).out == ""


def test_a_log_that_was_just_begun_anew_goes_back_to_the_one_before(
    ditto: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DITTO_HOME", str(tmp_path))
    logs = locate().logs
    logs.mkdir(parents=True)
    names = ("daemon.log.1", "worker.log", "daemon.log", "worker-2.log")
    for second, name in enumerate(names, start=1):
        line = {"time": f"2026-01-01T00:00:0{second}.000Z", "event": f"{second}"}
        (logs / name).write_text(json.dumps(line) + "\n")
    told = [json.loads(line)["event"] for line in ditto("log", "--json").out.splitlines()]
    assert told == ["1", "2", "3", "4"]


def test_status_for_programs(ditto: Callable, real: Any) -> None:
    told = json.loads(ditto("status", "--json").out)
    assert (told["runs"], told["queued"]) == (True, 0)
    assert told["workers"][0]["state"] in ("starting", "loading", "idle")
