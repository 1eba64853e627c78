"""`python -m bridge.daemon`: the daemon, in the foreground until it is told to stop.

Imports nothing of ours at the top but the guard, which must look before anything that is called
`engine` or `plugin_protocol` has been imported.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType
from typing import TYPE_CHECKING

from bridge.errors import AlreadyRunningError, BridgeError
from bridge.guard import check_packages, check_platform

if TYPE_CHECKING:
    from bridge.settings import Settings

EXIT_ALREADY_RUNNING = 3
OPEN_FILES = 4096
KEPT_BYTES = 16 * 2**20
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


def run(settings: "Settings") -> None:
    """Serve until asked to stop. Raises BridgeError with a sentence where that is impossible."""
    from bridge.front import Front
    from bridge.lock import only_daemon
    from bridge.logs import log_to
    from bridge.paths import told_as_a_sentence

    os.umask(0o077)
    _raise_file_limit()
    _keep_freed_memory()
    with ExitStack() as opened:
        with told_as_a_sentence():
            settings.paths.create()
            opened.enter_context(only_daemon(settings.paths.lock))
            log_to(settings.paths.logs)
            front = Front(settings)
            opened.callback(front.close)
        _stop_on_signals(front.ask_to_stop)
        try:
            front.run()
        except Exception:
            logging.getLogger(__name__).exception("the daemon failed")
            raise


def main() -> int:
    """Run with this user's settings; return the exit code, after one line on stderr if not 0."""
    try:
        check_platform()
        check_packages()
        from bridge.settings import Settings

        run(Settings())
    except AlreadyRunningError as error:
        print(error, file=sys.stderr)
        return EXIT_ALREADY_RUNNING
    except BridgeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _stop_on_signals(stop: Callable[[], None]) -> None:
    """The first SIGTERM or SIGINT checkpoints and leaves, the second leaves at once."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)


def _raise_file_limit() -> None:
    """Allow an open file for every client and more: libzmq aborts when it runs out of them."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Not simply `hard`: macOS says it is infinite and refuses to give as much.
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _keep_freed_memory() -> None:
    """Use the memory of one chunk for the next; glibc would hand it back and fetch it anew."""
    if sys.platform == "linux":
        import ctypes

        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
        if mallopt is not None:
            mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
            mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)


if __name__ == "__main__":
    sys.exit(main())
