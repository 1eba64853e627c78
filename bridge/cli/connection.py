"""Where the command line meets the daemon: the one that runs, or one that it starts."""

import time
from collections.abc import Callable

from bridge.errors import UnresponsiveDaemonError
from bridge.guard import check_platform
from bridge.launch import ensure_daemon, running_daemon
from bridge.paths import locate
from bridge.version import installed_version
from plugin_protocol import connection
from plugin_protocol.client import Client
from plugin_protocol.connection import Address

NAME = "ditto"
STARTING_SECONDS = 2.0
"""A daemon that has just been started does not answer yet."""
LEAVING_SECONDS = 5.0
"""One that has said goodbye has only its database left to close."""


def connect(say: Callable[[str], None] = lambda _: None) -> Client:
    """Return a client of the daemon, which is started if none runs, also when it dies later.

    But not where it is stopped later: whoever stops it is the same user, and means it. `say` is
    told when it has died.
    """

    def start_again() -> Address:
        say("The daemon has died. It is started again, and the job goes on where it was.")
        return ensure_daemon()

    return Client(ensure_daemon(), name=NAME, start=start_again)


def connect_running() -> Client | None:
    """Return a client of the daemon that runs, or None. Raises UnresponsiveDaemonError."""
    check_platform()
    from bridge.lock import holder  # which Windows could not import

    paths = locate()
    deadline = time.monotonic() + STARTING_SECONDS
    while True:
        endpoint = running_daemon(paths)
        if endpoint is not None:
            return Client(endpoint, name=NAME)
        process = holder(paths.lock)
        if process is None:
            return None
        if time.monotonic() > deadline:
            raise UnresponsiveDaemonError(
                f"A daemon runs (process {process}) and does not answer. `kill -9 {process}` ends "
                "it; its jobs go on under the next one."
            )
        time.sleep(0.1)


def addresses() -> dict[str, str]:
    """Return where the daemon listens on a network and for Prometheus, "" where it does not."""
    known = connection.read(locate().connection_file)
    return {
        "network": known.network if known else "",
        "metrics": known.metrics if known else "",
    }


def wait_until_left() -> None:
    """Return when the daemon has let go of its folder, so that another may take it."""
    from bridge.lock import holder

    deadline = time.monotonic() + LEAVING_SECONDS
    while holder(locate().lock) is not None and time.monotonic() < deadline:
        time.sleep(0.02)


def version_note(client: Client) -> str:
    """Return a sentence if the daemon is of another version than this command, else ""."""
    theirs, ours = client.welcome.server.removeprefix("ditto/"), installed_version()
    if theirs == ours:
        return ""
    return (
        f"The daemon that runs is version {theirs}, this command is {ours}. "
        "`ditto stop` ends it; the next command starts its own."
    )
