"""A batch whose daemon dies under it, and a watched folder, with the real model."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from .conftest import EXAMPLES, Ditto

CLIPS = ("groove.wav", "keys.wav")
SECONDS = 120
WORDS = ("outpaint", "--seconds", "1", "--quality", "draft")


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """A folder with two clips of which nobody has made anything so far."""
    folder = tmp_path / "clips"
    folder.mkdir()
    for name in CLIPS:
        samples, rate = soundfile.read(EXAMPLES / name, dtype="int16")
        soundfile.write(folder / name, samples[: 2 * rate + os.getpid() % 997], rate)
    return folder


def wait_until(is_so: Callable[[], object], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert process.poll() is None, process.communicate(timeout=9)
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.05)


def assert_continued(clip: Path, result: Path) -> None:
    old, made = (soundfile.read(path, dtype="int16")[0] for path in (clip, result))
    rate = soundfile.info(clip).samplerate
    assert np.array_equal(made[: len(old)], old)
    assert len(made) == len(old) + rate
    assert made[len(old) :].any()


def printed(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, err
    return out


def states(process: subprocess.Popen[str]) -> list[Any]:
    return [json.loads(line)["state"] for line in printed(process).splitlines()]


def test_a_batch_outlives_its_daemon_and_is_not_made_twice(ditto: Ditto, clips: Path) -> None:
    jobs = clips / "jobs.jsonl"
    command, *options = WORDS
    specs = [ditto.start(command, clips / name, *options, "--print-spec") for name in CLIPS]
    jobs.write_text("".join(printed(process) for process in specs))
    process = ditto.start("batch", jobs, "--to", clips / "longer", "--json")
    wait_until(lambda: (clips / "longer" / "001-groove.wav").exists(), process)
    os.kill(ditto.daemon_pid(), signal.SIGKILL)
    assert states(process) == ["made", "made"]
    for number, name in enumerate(CLIPS, start=1):
        assert_continued(clips / name, clips / "longer" / f"00{number}-{name}")
    again = ditto.start("batch", jobs, "--to", clips / "longer", "--json")
    assert states(again) == ["there", "there"]


def test_a_watched_folder_makes_what_comes_until_ctrl_c(
    ditto: Ditto, clips: Path, tmp_path: Path
) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    process = ditto.start("watch-folder", watched, "--", *WORDS)
    wait_until(lambda: (watched / "done").exists(), process)
    data = (clips / "groove.wav").read_bytes()
    with (watched / "groove.wav").open("wb") as file:  # as a host renders: not all at once
        for end in range(0, len(data), 100_000):
            file.write(data[end : end + 100_000])
            file.flush()
            time.sleep(0.2)
    wait_until(lambda: (watched / "done" / "groove.ditto.json").exists(), process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out.count("\n")) == (130, 1), err
    assert_continued(clips / "groove.wav", watched / "done" / "groove.wav")
    assert (watched / "groove.wav").read_bytes() == data
