"""kill -9 in the middle of a job: the same job goes on and makes the same music."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from .conftest import EXAMPLES, Ditto, finished

CLIP = EXAMPLES / "keys.wav"
# Two takes, so that one is in the middle of its search when the process dies.
WORDS = ("--seconds", "2", "--takes", "2", "--quality", "draft", "--json")


def has_checkpoint(ditto: Ditto) -> bool:
    return any(path.suffix == ".safetensors" for path in ditto.home.rglob("checkpoints/*"))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("victim", [Ditto.worker_pid, Ditto.daemon_pid], ids=["worker", "daemon"])
def test_a_killed_process_costs_time_and_nothing_else(
    ditto: Ditto, tmp_path: Path, victim: Callable[[Ditto], int]
) -> None:
    whole, broken = tmp_path / "whole.wav", tmp_path / "broken.wav"
    finished(ditto.start("outpaint", CLIP, "-o", whole, *WORDS))
    process = ditto.start("outpaint", CLIP, "-o", broken, *WORDS)
    deadline = time.monotonic() + 120
    while not has_checkpoint(ditto) and time.monotonic() < deadline:
        assert process.poll() is None, "the job was over before it could be disturbed"
        time.sleep(0.02)
    os.kill(victim(ditto), signal.SIGKILL)
    finished(process)
    for one, other in ((whole, broken), (tmp_path / "whole-2.wav", tmp_path / "broken-2.wav")):
        assert np.array_equal(soundfile.read(one)[0], soundfile.read(other)[0])
