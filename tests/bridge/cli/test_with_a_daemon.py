"""The command line against a real daemon (with a fake engine): the wire, and Ctrl-C."""

import json
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.cli import progress
from plugin_protocol import connection, conversation

NEW_SAMPLES = 3 * 64  # what the fake engine makes of three seconds


def test_a_clip_comes_back_continued_and_bit_identical_before(
    real: Any, ditto: Callable, clip: Path, tmp_path: Path
) -> None:
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav", "--prompt", 5, "--json")
    made, old = (soundfile.read(path, dtype="int16")[0] for path in (tmp_path / "o.wav", clip))
    assert outcome.status == 0, outcome.err
    assert np.array_equal(made[: len(old)], old)
    assert len(made) == len(old) + NEW_SAMPLES
    assert json.loads(outcome.out)["model"]["digest"] == "fake-digest"


def test_ctrl_c_ends_the_job_on_the_daemon(
    real: Any, ditto: Callable, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(progress.Progress, "iteration", interrupt)
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav", "--prompt", 500)
    assert outcome.status == 130
    with real.client() as client:
        newest, *_ = client.jobs()
        assert [*client.follow(newest.job)][-1].state == "cancelled"


def test_a_daemon_that_is_stopped_ends_the_command_and_keeps_the_job(
    quick_daemon: Any, ditto: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        quick_daemon.process.send_signal(signal.SIGTERM)
        monkeypatch.undo()
        monkeypatch.setenv("DITTO_HOME", str(quick_daemon.home))
        monkeypatch.setattr(conversation, "STOPPED_SECONDS", 0.2)

    monkeypatch.setenv("DITTO_HOME", str(quick_daemon.home))
    monkeypatch.setattr(progress.Progress, "iteration", stop)
    outcome = ditto("generate", "-o", tmp_path / "o.wav", "--seconds", 1, "--prompt", "100 drums")
    assert (outcome.status, outcome.out) == (1, "")
    said = outcome.err.splitlines()[-1]
    assert said.startswith("ditto: The daemon was stopped. The job is kept and goes on when it ")
    assert connection.read(quick_daemon.paths.connection_file) is None
    (kept,) = re.findall(r"`ditto watch ([0-9a-f-]{36})` then shows it", said)
    assert quick_daemon.process.wait(20) == 0
    quick_daemon.start()
    assert ditto("watch", kept).status == 0
