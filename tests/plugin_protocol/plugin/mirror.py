"""A daemon whose music is the clip upside down, and a host on whose stage the plugin stands."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from real_daemon import ROOT, FakeDaemon

SOURCE = ROOT / "plugin_protocol" / "plugin"
HERE = Path(__file__).parent

WAITING, MAKING, DONE, STOPPED, OTHER_RATE = 3, 7, 9, 10, 13
"""What the Status lamp shows."""

Track = NDArray[np.float32]
"""(2, samples): a track from the beginning of the timeline on, or what was heard of it."""


class Mirror(FakeDaemon):
    """One folder and the daemon that works on it, now and then."""

    def __init__(self) -> None:
        super().__init__((sys.executable, str(HERE / "mirror_worker.py")))

    def wish(self, **wishes: object) -> None:
        """Write what the plugin reads at every Go."""
        lines = [f"{name} = {value}\n" for name, value in wishes.items()]
        (self.home / "plugin.conf").write_text("".join(lines), encoding="utf-8")

    def asked(self) -> list[dict[str, Any]]:
        """Return the tasks that the worker was given, oldest first."""
        lines = (self.home / "state" / "asked.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


@dataclass(frozen=True)
class Stage:
    """The host of stage.cpp with the built plugin: a script in, lamps and what was heard out."""

    program: Path
    plugin: Path
    folder: Path

    def track(self, samples: int, *, seed: int = 0) -> Track:
        """Return noise and lay it where scripts find it: `input track`."""
        noise = np.random.default_rng(seed).standard_normal((2, samples)).astype("<f4") * 0.1
        noise.astype("<f4").tofile(self.folder / "track")
        return noise.astype("f4")

    def begin(self, home: Path) -> "subprocess.Popen[str]":
        """Start it; whoever starts it writes the script."""
        return subprocess.Popen(
            [self.program, self.plugin],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**os.environ, "DITTO_HOME": str(home)},
        )

    def play(self, home: Path, script: str) -> list[str]:
        """Run a script to its end and return what lamps it was asked for."""
        host = self.begin(home)
        try:
            said, _ = host.communicate(script, timeout=60)
        finally:
            host.kill()
        assert host.returncode == 0, (host.returncode, said)
        return said.split()

    def heard(self, name: str) -> Track:
        """Return what a script has written."""
        return np.fromfile(self.folder / name, "<f4").reshape(2, -1)
