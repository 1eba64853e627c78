"""The command line against a real daemon (with a fake engine): the wire, and Ctrl-C."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.cli import job

NEW_SAMPLES = 3 * 64  # what the fake engine makes of three seconds


@pytest.fixture
def real(shared_daemon: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The daemon that `ditto` finds."""
    monkeypatch.setenv("DITTO_HOME", str(shared_daemon.home))
    return shared_daemon


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

    monkeypatch.setattr(job.Progress, "iteration", interrupt)
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav", "--prompt", 500)
    assert outcome.status == 130
    with real.client() as client:
        newest, *_ = client.jobs()
        assert [*client.follow(newest.job)][-1].state == "cancelled"
