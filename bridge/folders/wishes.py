"""The files `cancel` and `finish`, passed on to the daemon while another thread follows the job."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bridge.cli import connection
from bridge.errors import BridgeError
from bridge.folders.folder import JobFolder
from plugin_protocol.errors import ClientError

LOOK_SECONDS = 0.05
AGAIN_SECONDS = 0.25


@contextmanager
def passed_on(folder: JobFolder, job: str) -> Iterator[None]:
    """Watch the folder during the block."""
    is_over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(folder, job, is_over), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()


def _watch(folder: JobFolder, job: str, is_over: threading.Event) -> None:
    told = None
    while not is_over.wait(LOOK_SECONDS if told is None else AGAIN_SECONDS):
        wish = folder.wish()
        if wish in (None, told):
            continue
        try:
            client = connection.connect_running()
            if client is not None:
                with client:
                    client.cancel(job, wish)
                told = wish
        except (ClientError, BridgeError):
            # Not accepted yet, or the daemon is on its way back.
            is_over.wait(AGAIN_SECONDS)
