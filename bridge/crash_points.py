"""Named places to die at, so that a test can prove that dying there costs nothing.

DITTO_CRASH_AT=NAME:FILE makes the process that comes to NAME while FILE is there remove the file
and kill itself, as hard as the system can: so each armed file kills one process, once.
"""

import os
import signal
from pathlib import Path


def crash_point(name: str) -> None:
    """Die here if this is the place, else do nothing."""
    wanted, _, armed = os.environ.get("DITTO_CRASH_AT", "").partition(":")
    if wanted != name:
        return
    try:
        Path(armed).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
