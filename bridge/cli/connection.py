"""Where the command line meets the daemon: the one that runs, or one that it starts."""

from bridge.launch import ensure_daemon, running_daemon
from bridge.paths import locate
from plugin_protocol.client import Client

NAME = "ditto"


def connect() -> Client:
    """Return a client of the daemon, which is started if none runs, also when it dies later."""
    return Client(ensure_daemon(), name=NAME, find=ensure_daemon)


def connect_running() -> Client | None:
    """Return a client of the daemon that runs, or None."""
    endpoint = running_daemon(locate())
    return Client(endpoint, name=NAME) if endpoint else None
