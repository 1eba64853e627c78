"""`python -m bridge.daemon`: the daemon itself, without its supervisor, until it is told to stop.

Imports nothing at the top that imports `engine` or `plugin_protocol`: the guard must look first at
what these names stand for.
"""

import logging
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from bridge import lifeline
from bridge.errors import AlreadyRunningError, BridgeError, UnusableFolderError
from bridge.guard import check_packages, check_platform
from bridge.supervisor import EXIT_ALREADY_RUNNING, EXIT_CANNOT_START

if TYPE_CHECKING:
    from bridge.front import Front
    from bridge.settings import Settings

log = logging.getLogger(__name__)

OPEN_FILES = 4096
ADDRESS_SPACE_BYTES = 2**31
"""Many times what the daemon needs. A peer that sends one endless message fills libzmq's memory
before we see anything of it; at the limit libzmq throws it out."""
KEPT_BYTES = 16 * 2**20
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


@contextmanager
def opened(settings: "Settings") -> Iterator["Front"]:
    """Become the daemon: locked, bound, announced; all is let go of afterwards.

    Raises BridgeError with a sentence where that is impossible.
    """
    from bridge.front import Front
    from bridge.lock import only_daemon
    from bridge.logs import log_to
    from bridge.paths import told_as_a_sentence

    os.umask(0o077)
    _raise_file_limit()
    _limit_memory()
    _keep_freed_memory()
    with ExitStack() as closing:
        with told_as_a_sentence():
            settings.paths.create()
            _spare_a_bundle(settings.paths.connection_file)
            closing.enter_context(only_daemon(settings.paths.lock))
            log_to(settings.paths.logs / "daemon.log")
            front = Front(settings)
            closing.callback(front.close)
        _stop_on_signals(front.ask_to_stop)
        lifeline.watch(front.ask_to_stop)
        log.info("started", extra={"daemon_pid": os.getpid(), "after": lifeline.last_death()})
        yield front


def serve(settings: "Settings") -> int:
    """Serve until asked to stop; return the exit status, after a line on stderr if it is not 0."""
    with ExitStack() as leaving:
        try:
            front = leaving.enter_context(opened(settings))
        except AlreadyRunningError as error:
            print(error, file=sys.stderr)
            return EXIT_ALREADY_RUNNING
        except BridgeError as error:
            print(error, file=sys.stderr)
            return EXIT_CANNOT_START
        for sentence in front.addresses():
            print(sentence, file=sys.stderr, flush=True)
        try:
            front.run()
        except Exception:
            # Like a death by signal, it is the supervisor's to mend.
            log.exception("the daemon failed")
            raise
    return 0


def main(arguments: Sequence[str]) -> int:
    """Serve as the options say and return the exit status."""
    try:
        check_platform()
        check_packages()
    except BridgeError as error:
        print(error, file=sys.stderr)
        return EXIT_CANNOT_START
    from bridge.devices import ONE_WORKER, devices
    from bridge.settings import Settings

    options = ArgumentParser(prog="bridge.daemon")
    options.add_argument("--network", default="", metavar="ADDRESS:PORT")
    options.add_argument("--metrics", type=int, metavar="PORT")
    options.add_argument("--device", default="", choices=("cpu", "cuda"))
    chosen = options.parse_args(arguments)
    settings = Settings(
        network=chosen.network,
        metrics_port=chosen.metrics,
        device=chosen.device,
        workers=ONE_WORKER if chosen.device == "cpu" else devices(),
    )
    return serve(settings)


def _stop_on_signals(stop: Callable[[], None]) -> None:
    """The first SIGTERM or SIGINT checkpoints and leaves, the second leaves at once."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)


def _spare_a_bundle(connection_file: Path) -> None:
    """Refuse to announce the daemon in a client's bundle, which would be lost by it."""
    from plugin_protocol import connection

    with suppress(connection.ConnectionFileError):  # whatever it was, it is of no use
        known = connection.read(connection_file)
        if known is not None and known.keys is not None:
            raise UnusableFolderError(
                f"{connection_file} is the bundle of a daemon elsewhere, and a daemon here would "
                "write over it. Unset DITTO_CONNECTION to start one here."
            )


def _raise_file_limit() -> None:
    """Allow an open file for every client and more: libzmq aborts when it runs out of them."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Not simply `hard`: macOS says it is infinite and refuses to give as much.
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _limit_memory() -> None:
    """Keep a peer from filling the machine's memory; the worker lifts the limit again."""
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > ADDRESS_SPACE_BYTES:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, hard))


def _keep_freed_memory() -> None:
    """Use the memory of one chunk for the next; glibc would hand it back and fetch it anew."""
    if sys.platform == "linux":
        import ctypes

        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
        if mallopt is not None:
            mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
            mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
