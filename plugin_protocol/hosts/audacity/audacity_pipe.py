"""The door into Audacity 3.2 to 3.7: commands to mod-script-pipe, and what it answers.

A command that Audacity does not know, or a parameter that a command has not, opens a window that
somebody must close before anything goes on. So only what is listed here is ever sent, with the
parameters listed here, and every answer is awaited for a limited time.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import secrets
import select
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

COMMANDS = {
    "GetInfo": {"Type"},
    "GetPreference": {"Name"},
    "Import2": {"Filename"},
    "Message": {"Text"},
    "NyquistPrompt": {"Command"},
    "Select": {"Start", "End", "Track", "TrackCount", "Mode"},
    "SelectTime": {"Start", "End", "RelativeTo"},
    "SelectTracks": {"Track", "TrackCount", "Mode"},
    "Split": set(),
}
TO = Path("/tmp") / f"audacity_script_pipe.to.{os.getuid()}"
FROM = Path("/tmp") / f"audacity_script_pipe.from.{os.getuid()}"
# Who holds this speaks; of two at once, each would read what the other is told.
_TURN = Path("/tmp") / f"ditto-audacity.{os.getuid()}.lock"
_ANSWERED = b"BatchCommand finished: "


class AudacityError(Exception):
    """Audacity is not there, or does not do what it was told. The message is for the producer."""


class SilentError(AudacityError):
    """Audacity is there and does not answer in time."""


class Audacity:
    """An open conversation. Not for two threads at once."""

    def __init__(self, to: int, answers: int) -> None:
        self._to, self._answers = to, answers

    def do(self, command: str, *, within: float = 60.0, **parameters: object) -> str:
        """Have a command carried out and return what it says. `within` is in seconds.

        Raises AudacityError.
        """
        assert set(parameters) <= COMMANDS[command], (command, parameters)
        words = "".join(f" {name}={_written(value)}" for name, value in parameters.items())
        self._send(f"{command}:{words}\n".encode(), within)
        answer = self._answer(within)
        said, _, end = answer.rpartition(_ANSWERED)
        if not end.startswith(b"OK"):
            raise AudacityError(f"Audacity could not do '{command}'. Nothing was changed.")
        return said.decode("utf-8", "replace").strip()

    def info(self, kind: str) -> list[Any]:
        """Return Tracks, Envelopes or Labels, as Audacity describes them."""
        said = self.do("GetInfo", Type=kind)
        try:
            return list(json.loads(said, strict=False))
        except ValueError:
            raise AudacityError(
                f"Audacity describes its {kind.lower()} unreadably. Take quotation marks and "
                "backslashes out of the names of tracks and labels."
            ) from None

    def lisp(self, code: str) -> None:
        """Run Nyquist code on every selected track. It has to return "" or audio."""
        self.do("NyquistPrompt", Command=" ".join(code.split()))

    def meet(self, within: float) -> None:
        """Wait until Audacity answers, and until what it still had to say to others is over."""
        limit = time.monotonic() + within
        while True:
            word = f"ditto-{secrets.token_hex(4)}"
            try:
                self._send(f"Message: Text={word}\n".encode(), within=5.0)
                while word.encode() not in self._answer(within=5.0):
                    pass
                return
            except SilentError:
                if time.monotonic() > limit:
                    raise

    def _send(self, command: bytes, within: float) -> None:
        if not select.select([], [self._to], [], within)[1]:
            raise _silent()
        try:
            os.write(self._to, command)
        except BrokenPipeError:
            raise _gone() from None

    def _answer(self, within: float) -> bytes:
        answer, limit = b"", time.monotonic() + within
        while not (answer.endswith(b"\n\n") and _ANSWERED in answer):
            if not select.select([self._answers], [], [], max(0.0, limit - time.monotonic()))[0]:
                raise _silent()
            more = os.read(self._answers, 65536)
            if not more:
                # What an earlier conversation leaves behind also looks like an end.
                if not _is_heard(self._to) or time.monotonic() > limit:
                    raise _gone()
                time.sleep(0.02)
            answer += more
        return answer


@contextlib.contextmanager
def conversation() -> Iterator[Audacity]:
    """Talk to the Audacity that is open; others wait for their turn. Raises AudacityError."""
    with _connected() as audacity:
        _check_version(audacity)
        yield audacity


def greet() -> None:
    """Meet an Audacity that is starting. Raises AudacityError.

    While it looks at plug-ins that are new to it, a second process of its own takes the pipe's name
    away, and nobody could reach the first any more until it is started again; who was connected
    before stays so, and then it listens under the new name. What is said to it that early is lost
    and has to be said again.
    """
    with _connected():
        pass


@contextlib.contextmanager
def _connected() -> Iterator[Audacity]:
    _TURN.touch(mode=0o600)
    with _TURN.open("r+b") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        to, answers = _opened()
        try:
            audacity = Audacity(to, answers)
            audacity.meet(within=30.0)
            yield audacity
        finally:
            os.close(to)
            os.close(answers)


def _opened() -> tuple[int, int]:
    """Return the two ends. Neither opening can block: the other side may never come."""
    begun = time.monotonic()
    while time.monotonic() < begun + 3.0:
        try:
            answers = os.open(FROM, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            # Between two conversations Audacity makes its pipes anew.
            if time.monotonic() > begun + 1.0:
                break
            time.sleep(0.05)
            continue
        try:
            to = os.open(TO, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            os.close(answers)
            if error.errno not in (errno.ENXIO, errno.ENOENT):
                raise
            time.sleep(0.05)
            continue
        # The end that was there may be that of the last conversation, about to be closed.
        time.sleep(0.2)
        if _is_heard(to):
            os.set_blocking(to, True)
            return to, answers
        os.close(to)
        os.close(answers)
    raise _gone()


def _is_heard(to: int) -> bool:
    """Whether somebody has the other end open."""
    poll = select.poll()
    poll.register(to, select.POLLOUT)
    return not any(event & select.POLLERR for _, event in poll.poll(0))


def _check_version(audacity: Audacity) -> None:
    numbers = [audacity.do("GetPreference", Name=f"/Version/{part}") for part in ("Major", "Minor")]
    version = tuple(int(number) if number.isdigit() else 0 for number in numbers)
    if not (3, 2) <= version < (4, 0):
        raise AudacityError(
            f"This is Audacity {'.'.join(numbers)}; DITTO works in place with 3.2 to 3.7. "
            "With others, export the clip and use `ditto` in a terminal."
        )


def _written(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.9f}"
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _gone() -> AudacityError:
    return AudacityError(
        "Audacity does not listen. Start it, or, if it was started for the first time since DITTO "
        "was installed, close it and start it again."
    )


def _silent() -> SilentError:
    return SilentError(
        "Audacity does not answer. Close the window in it that waits for you, then try again."
    )
