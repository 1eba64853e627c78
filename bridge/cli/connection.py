"""Where the command line meets the daemon: the one that runs, or one that it starts."""

from bridge.launch import ensure_daemon
from plugin_protocol.client import Client
from plugin_protocol.connection import ConnectionFileError, find
from plugin_protocol.errors import DaemonUnreachableError

NAME = "ditto"


def connect() -> Client:
    """Return a client of the daemon, which is started if none runs, also when it dies later."""
    return Client(ensure_daemon(), name=NAME, find=ensure_daemon)


def connect_running() -> Client | None:
    """Return a client of the daemon that runs, or None."""
    try:
        return Client(find(), name=NAME)
    except ConnectionFileError:
        raise
    except DaemonUnreachableError:
        return None
