"""The real command line, daemon, worker and model, in a folder of their own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plugin_protocol.client import Client

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "installers" / "examples"
KEYS = EXAMPLES / "keys.wav"
# Two, so that one is in the middle of its search when something dies.
TWO_TAKES = ("--seconds", "2", "--takes", "2")
# Ctrl-C is heard also where the tests were begun in the background of a shell, which shuts it out.
HEARING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
DITTO = (sys.executable, "-c", f"{HEARING}; from bridge.cli import main; main()")


@dataclass(frozen=True)
class Ditto:
    """`ditto` in a shell whose daemon nobody else uses."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """Offline, and finding the packages of this clone."""
        ours = {"DITTO_HOME": str(self.home), "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
        return os.environ | ours

    def start(self, *words: object) -> subprocess.Popen[str]:
        """Begin a command."""
        command = [*DITTO, *map(str, words)]
        return subprocess.Popen(
            command,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start_job(self, command: str, *words: object) -> subprocess.Popen[str]:
        """Begin a job, as quick as it may be unless `words` say otherwise; it prints a manifest."""
        return self.start(command, "--json", "--quality", "draft", *words)

    def manifest(self, command: str, *words: object) -> dict[str, Any]:
        """Run a job that must succeed and return its manifest."""
        return finished(self.start_job(command, *words))

    def forget_results(self) -> None:
        """Have the next jobs made, not answered with the results of equal ones."""
        (connection,) = self.home.rglob("daemon.json")
        with Client(json.loads(connection.read_text())["endpoint"], name="test") as client:
            for summary in client.jobs(100):
                client.forget(summary.job)

    def worker_pid(self) -> int:
        """Return the process that makes the music."""
        log = self.home.rglob("daemon.log")
        lines = [json.loads(line) for path in log for line in path.read_text().splitlines()]
        return int([line["worker_pid"] for line in lines if "worker_pid" in line][-1])

    def daemon_pid(self) -> int:
        """Return the daemon's process."""
        (connection,) = self.home.rglob("daemon.json")
        return int(json.loads(connection.read_text())["pid"])


def finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a command that must succeed and return its manifest."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    manifest: dict[str, Any] = json.loads(out)
    return manifest


@dataclass(frozen=True)
class Made:
    """One run: the clip, what was made of it, and what was said about it."""

    clip: Path
    out: Path
    manifest: dict[str, Any]


@pytest.fixture(scope="session")
def ditto() -> Iterator[Ditto]:
    """One daemon for all tests here, ended with them."""
    # Not pytest's folder: a socket's path must be short.
    made = Ditto(Path(tempfile.mkdtemp(prefix="ditto-")))
    yield made
    made.start("stop").communicate(timeout=60)
    shutil.rmtree(made.home)


@pytest.fixture(scope="session")
def continued(ditto: Ditto, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The drum clip, three seconds longer, with its picture beside it."""
    clip, out = EXAMPLES / "groove.wav", tmp_path_factory.mktemp("continued") / "longer.wav"
    words = (clip, "-o", out, "--plot", out.with_suffix(".png"), "--quality", "normal")
    return Made(clip, out, ditto.manifest("outpaint", *words))


@pytest.fixture(scope="session")
def two_takes(ditto: Ditto, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The keys, continued by `TWO_TAKES` in an undisturbed run."""
    out = tmp_path_factory.mktemp("takes") / "whole.wav"
    ditto.manifest("outpaint", KEYS, "-o", out, *TWO_TAKES)
    return out, out.with_stem("whole-2")
