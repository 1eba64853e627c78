"""A batch that is ended: by Ctrl-C, and by a daemon that is stopped."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.many import window
from plugin_protocol import conversation
from plugin_protocol.client import Client
from tests.bridge.cli.batch_files import known_jobs, line, states, write


def test_while_one_is_made_the_next_wait_on_the_daemon_and_ctrl_c_ends_them_all(
    real: Any,
    ditto: Callable,
    clip: Path,
    jobs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(jobs, line("a.wav", clip), *(line(f"{n}.wav", clip, prompt="500") for n in range(9)))
    before, seen = known_jobs(real), {}

    def interrupt(self: Any, event: Any) -> None:
        seen.update(known_jobs(real))
        if self._title.startswith("2/"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(window.Progress, "iteration", interrupt)
        outcome = ditto("batch", jobs)
    assert outcome.status == 130
    said = outcome.err.splitlines()[-1]
    assert said == "ditto: Stopped; 1 of 10 made. The same command goes on from there."
    ours = [summary for job, summary in seen.items() if job not in before]
    assert len(ours) == window.AHEAD + 2
    assert {summary.priority for summary in ours} == {"batch"}
    with real.client() as client:
        ends = [ended(client, summary.job) for summary in ours]
    assert sorted(ends) == ["cancelled"] * (window.AHEAD + 1) + ["done"]
    assert sorted(path.name for path in tmp_path.glob("*.wav")) == ["a.wav", "clip.wav"]


def ended(client: Client, job: str) -> str:
    return [*client.follow(job)][-1].state


def test_a_daemon_that_is_stopped_ends_it_and_the_same_command_goes_on(
    quick_daemon: Any, ditto: Callable, jobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(self: Any, event: Any) -> None:
        if self._title.startswith("2/"):
            patch.undo()
            patch.setattr(conversation, "STOPPED_SECONDS", 0.2)
            quick_daemon.process.send_signal(signal.SIGTERM)

    spec = {"schema": "ditto-spec/1", "job": {"kind": "generate", "seconds": 1}}
    monkeypatch.setenv("DITTO_HOME", str(quick_daemon.home))
    write(
        jobs, *({"out": f"{n}.wav", "spec": {**spec, "prompt": "9 x", "seed": n}} for n in (1, 2))
    )
    with monkeypatch.context() as patch:
        patch.setattr(window.Progress, "iteration", stop)
        outcome = ditto("batch", jobs)
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1].endswith(
        "So far 1 of 2 made. The same command goes on from there."
    )
    assert quick_daemon.process.wait(20) == 0
    quick_daemon.start()
    outcome = ditto("batch", jobs, "--json")
    assert (outcome.status, states(outcome)) == (0, ["there", "made"])
