"""`python -m bridge.supervisor`: keeps the daemon alive, with what follows as the daemon's options.

The daemon holds everybody's jobs, and libraries beneath it end their process where they should
report an error (libzmq does when files run out). So this process does nothing but wait for that
one and start it anew; what was accepted is on the disk, and clients come back by themselves. It
gives up on a daemon that dies again and again, or that refuses to start; but one that had started
before, and now finds no room on its disk, say, is tried again until there is.
"""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from types import FrameType

from bridge.lifeline import DIED, LIFELINE

PYTHON = (sys.executable, "-P")
"""-P keeps the current folder off the import path: a producer's project folder may well hold an
`engine`. Unlike -I it leaves PYTHONPATH and the user's site-packages, where we may be installed."""
DAEMON = (*PYTHON, "-m", "bridge.daemon")

EXIT_ALREADY_RUNNING = 3
EXIT_CANNOT_START = 4
FINAL = (0, EXIT_ALREADY_RUNNING, EXIT_CANNOT_START)
"""What the daemon exits with when starting it again would change nothing."""

DEATHS, WITHIN_SECONDS = 6, 60.0
"""So many deaths in so short a time are one too many."""
FIRST_REST, LONGEST_REST = 0.25, 4.0
"""Seconds before the second start in a row; each further one rests twice as long. The first is at
once: clients wait."""
HINDERED_REST = 10.0
"""Seconds until a daemon that could start before, and cannot now, is tried again."""
LOOK_SECONDS = 0.05


class Supervisor:
    """One daemon at a time, of `command`. Belongs to the main thread, which has the signals."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopping = False

    def run(self) -> int:
        """Return the exit status once the daemon has left for good."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        died = ""
        while not self._is_stopping:
            status = self._live(died)
            if died and status == EXIT_CANNOT_START and not self._is_stopping:
                self._rest(HINDERED_REST)
                continue
            if self._is_stopping or status in FINAL:
                return max(status, 0)
            died = _cause(status)
            self._deaths.append(time.monotonic())
            if self._is_hopeless():
                _say(
                    f"The daemon died {DEATHS} times within {WITHIN_SECONDS:.0f} s, the last time "
                    f"of {died}, and is not started again. `ditto log` may say why; no job is lost."
                )
                return 1
            _say(f"The daemon died of {died} and is started again.")
            self._rest(self._rest_after_deaths())
        return 0

    def _live(self, died: str) -> int:
        """Run one daemon to its end and return how it ended: its exit status, or -signal."""
        reading, writing = os.pipe()
        try:
            self._process = subprocess.Popen(
                self._command,
                env={**os.environ, LIFELINE: str(reading), DIED: died},
                pass_fds=(reading,),
                # Ctrl-C in a terminal is for us, who pass it on once.
                start_new_session=True,
            )
            os.close(reading)
            if self._is_stopping:  # asked in the moment between
                self._process.terminate()
            return self._process.wait()
        finally:
            os.close(writing)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """Pass it on: the first checkpoints and leaves, the second leaves at once."""
        self._is_stopping = True
        if self._process is not None:
            self._process.terminate()

    def _is_hopeless(self) -> bool:
        return len(self._deaths) == DEATHS and time.monotonic() - self._deaths[0] < WITHIN_SECONDS

    def _rest_after_deaths(self) -> float:
        now = time.monotonic()
        recent = sum(now - death < WITHIN_SECONDS for death in self._deaths)
        return min(FIRST_REST * 2 ** (recent - 2), LONGEST_REST) if recent > 1 else 0.0

    def _rest(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._is_stopping and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)


def _cause(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(Supervisor((*DAEMON, *sys.argv[1:])).run())
