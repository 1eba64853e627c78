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

from .conftest import KEYS, TWO_TAKES, Ditto, finished


def has_checkpoint(ditto: Ditto) -> bool:
    return any(path.suffix == ".safetensors" for path in ditto.home.rglob("checkpoints/*"))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("victim", [Ditto.worker_pid, Ditto.daemon_pid], ids=["worker", "daemon"])
def test_a_killed_process_costs_time_and_nothing_else(
    ditto: Ditto,
    tmp_path: Path,
    two_takes: tuple[Path, Path],
    victim: Callable[[Ditto], int],
) -> None:
    ditto.forget_results()
    broken = tmp_path / "broken.wav"
    process = ditto.start_job("outpaint", KEYS, "-o", broken, *TWO_TAKES)
    deadline = time.monotonic() + 120
    while not has_checkpoint(ditto) and time.monotonic() < deadline:
        assert process.poll() is None, "the job was over before it could be disturbed"
        time.sleep(0.02)
    os.kill(victim(ditto), signal.SIGKILL)
    finished(process)
    for whole, mended in zip(two_takes, (broken, broken.with_stem("broken-2")), strict=True):
        assert np.array_equal(soundfile.read(whole)[0], soundfile.read(mended)[0])
