"""A real Audacity on a screen that nobody sees, with DITTO installed into it."""

import contextlib
import errno
import fcntl
import os
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
import soundfile
from hosts import host_program

LONG_ENOUGH = 300.0
_PIPE = "/tmp/audacity_script_pipe.{}." + str(os.getuid())
# Whoever used Audacity before has seen its welcome.
_WELCOMED = "NewPrefsInitialized=1\n[GUI]\nShowSplashScreen=0\n[Update]\nDefaultUpdatesChecking=0\n"
_VERSION = "[Version]\nMajor=3\nMinor=2\nMicro=4\n"

Samples = np.ndarray[Any, np.dtype[np.float32]]


class Ditto(Protocol):
    """What the fixture `ditto` can do."""

    environment: dict[str, str]

    def start(self, *words: object) -> Any: ...
    def daemon_pid(self) -> int: ...


@dataclass
class RealAudacity:
    """Audacity, what runs beside it, and the folder that both think is the user's."""

    home: Path
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def scripts(self) -> Path:
        """Where `ditto hosts install` puts what runs beside it."""
        return self.home / ".local/share/audacity/Plug-Ins/ditto"

    @property
    def jobs(self) -> list[Path]:
        """The job folders, the oldest first."""
        return sorted((self.home / ".local/share/ditto/jobs/audacity").iterdir())

    @property
    def said(self) -> str:
        """All that was said beside Audacity."""
        return (self.home / "listen.txt").read_text()

    def listen(self) -> None:
        """Start what runs beside Audacity."""
        command = [sys.executable, str(self.scripts / "ditto_audacity.py"), "listen"]
        with (self.home / "listen.txt").open("wb") as out:
            self._start(command, out)
        until(lambda: "DITTO listens" in self.said, "nobody listens")

    def open(self) -> None:
        """Start Audacity and wait until it does what it is told."""
        # After a crash Audacity asks what to do about what it finds there.
        temporary = Path(tempfile.mkdtemp(dir=self.home))
        command = ["env", f"TMPDIR={temporary}", host_program("audacity")]
        self._start(command, subprocess.DEVNULL)
        until(lambda: self.answers("GetInfo: Type=Tracks"), "Audacity does not answer")

    def crash(self) -> None:
        """Kill Audacity."""
        process = self.processes.pop()
        process.kill()
        process.wait(timeout=20)

    def close(self) -> None:
        """End everything that was started, the last first."""
        for process in reversed(self.processes):
            process.kill()
            process.wait(timeout=20)

    def answers(self, command: str) -> bool:
        """Whether it does what it is told."""
        try:
            return "finished: OK" in self.do(command, within=2.0)
        except OSError:
            return False

    def do(self, command: str, within: float = 20.0) -> str:
        """Have Audacity carry out a command."""
        limit = time.monotonic() + within
        while True:
            try:
                return _told(command, limit)
            except OSError as error:
                # It may still be busy closing the last conversation, and making its pipes anew.
                if (
                    error.errno not in (errno.EPIPE, errno.ENXIO, errno.ENOENT)
                    or time.monotonic() > limit
                ):
                    raise
                time.sleep(0.1)

    def fresh(self, *clips: Path) -> None:
        """Have these clips in the project, each on a track, and nothing else."""
        for command in ("SelectAll:", "RemoveTracks:", *(f"Import2: Filename={c}" for c in clips)):
            assert "OK" in self.do(command)

    def select(self, start: float, end: float, track: int = 0, count: int = 1) -> None:
        """Select a stretch, in seconds."""
        self.do(f"Select: Start={start:.9f} End={end:.9f} Track={track} TrackCount={count}")

    def samples(self, seconds: float, track: int = 0) -> Samples:
        """Return what the track holds from the project's beginning on: (frames, channels)."""
        path = self.home / "samples.wav"
        self.select(0.0, seconds, track)
        code = (
            f'(progn (s-save *track* ny:all \\"{path}\\" :format snd-head-wave '
            ':mode snd-mode-float :bits 32) \\"\\")'
        )
        assert "OK" in self.do(f'NyquistPrompt: Command="{code}"')
        return read(path)

    def heard(self, seconds: float, track: int = 0) -> Samples:
        """Return what is heard of the track, its envelope applied."""
        self.select(0.0, seconds, track)
        self.do("MixAndRenderToNewTrack:")
        heard = self.samples(seconds, track + 1)
        self.do("Undo:")
        return heard

    def run(self, *words: str) -> str:
        """Do one thing by the command line and return what it said."""
        done = subprocess.run(
            [sys.executable, str(self.scripts / "ditto_audacity.py"), *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LONG_ENOUGH,
            check=True,
        )
        return done.stdout + done.stderr

    def _start(self, command: list[str], out: Any) -> None:
        process = subprocess.Popen(
            command, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        self.processes.append(process)


def _told(command: str, limit: float) -> str:
    with contextlib.ExitStack() as stack:
        turn = stack.enter_context(Path(f"/tmp/ditto-audacity.{os.getuid()}.lock").open("wb"))
        fcntl.flock(turn, fcntl.LOCK_EX)
        answers = os.open(_PIPE.format("from"), os.O_RDONLY | os.O_NONBLOCK)
        stack.callback(os.close, answers)
        to = os.open(_PIPE.format("to"), os.O_WRONLY | os.O_NONBLOCK)
        stack.callback(os.close, to)
        time.sleep(0.2)
        word = secrets.token_hex(4)
        os.write(to, f"Message: Text={word}\n{command}\n".encode())
        answer = b""
        # What comes before the word was meant for somebody else.
        while not answer.partition(word.encode())[2].count(b"BatchCommand finished: ") > 1:
            left = limit - time.monotonic()
            if left < 0 or not select.select([answers], [], [], left)[0]:
                raise TimeoutError(command)
            answer += os.read(answers, 65536)
        return answer.decode().partition(word)[2].partition("\n\n")[2]


@contextlib.contextmanager
def real_audacity(ditto: Ditto) -> Iterator[RealAudacity]:
    """Install DITTO from nothing, as its README says, and open Audacity."""
    host_program("audacity")
    home = Path(tempfile.mkdtemp(prefix="audacity-"))
    environment = {**ditto.environment, "HOME": str(home)}
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "DITTO_COMMAND"):
        environment.pop(name, None)
    audacity = RealAudacity(home, environment)
    try:
        with _screen() as display:
            environment["DISPLAY"] = display
            _install(ditto, audacity)
            try:
                yield audacity
            finally:
                audacity.close()
    finally:
        shutil.rmtree(home)


def _install(ditto: Ditto, audacity: RealAudacity) -> None:
    preferences = audacity.home / ".config/audacity/audacity.cfg"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(_WELCOMED + _VERSION)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(audacity.home))
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            patch.delenv(name, raising=False)
        process = ditto.start("hosts", "install", "audacity")
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert str(audacity.scripts) in out


@contextlib.contextmanager
def _screen() -> Iterator[str]:
    reading, writing = os.pipe()
    command = [host_program("Xvfb"), "-displayfd", str(writing), "-nolisten", "tcp"]
    process = subprocess.Popen(
        [*command, "-screen", "0", "1280x800x24"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        assert select.select([reading], [], [], 20.0)[0], "there is no screen"
        yield f":{os.read(reading, 16).decode().strip()}"
    finally:
        os.close(reading)
        process.kill()
        process.wait(timeout=20)


def read(path: Path) -> Samples:
    """Return a sound file's samples: (frames, channels)."""
    samples: Samples = soundfile.read(path, dtype="float32", always_2d=True)[0]
    return samples


def until(condition: Callable[[], object], otherwise: str, seconds: float = LONG_ENOUGH) -> None:
    """Wait for something to become true."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, otherwise
        time.sleep(0.1)
