"""How the daemon learns that its supervisor is gone: a pipe of which the supervisor holds one end.

The system closes that end when the supervisor ends, however it ends. Works on every POSIX.
"""

import os
import threading
from collections.abc import Callable

LIFELINE = "DITTO_LIFELINE"
"""Names the descriptor of the daemon's end; absent where nobody supervises."""
DIED = "DITTO_DIED"
"""What the daemon before this one died of; empty for the first."""


def watch(on_end: Callable[[], None]) -> None:
    """Call `on_end`, from a thread of its own, when the supervisor is gone."""
    descriptor = os.environ.pop(LIFELINE, "")
    if not descriptor:
        return

    def wait() -> None:
        os.read(int(descriptor), 1)
        on_end()

    threading.Thread(target=wait, daemon=True).start()


def last_death() -> str:
    """Return what the daemon before this one died of, "" if it did not."""
    return os.environ.pop(DIED, "")
