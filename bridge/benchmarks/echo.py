"""The socket alone: a process that sends back what it gets, uncopied, in whole frames.

    python -m bridge.benchmarks.echo ENDPOINT [PUBLIC SECRET]

With a key pair it speaks CURVE. What audio costs through the daemon is seen beside this.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zmq

from bridge.supervisor import PYTHON

PATIENCE_MS = 20_000


class Echo:
    """The client's end."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self._socket = socket

    def seconds(self, data: bytes) -> float:
        """Return how long the bytes take there and back."""
        began = time.perf_counter()
        self._socket.send_multipart([b"header", data], copy=False)
        if not self._socket.poll(PATIENCE_MS):
            raise TimeoutError("The echo of the benchmark does not answer.")
        _, back = self._socket.recv_multipart(copy=False)
        took = time.perf_counter() - began
        assert len(back.buffer) == len(data)
        return took


@contextmanager
def echoing(folder: Path, *, encrypted: bool) -> Iterator[Echo]:
    """Start an echo: encrypted over TCP, else through a socket in the folder."""
    public, secret = zmq.curve_keypair()
    keys = [public.decode(), secret.decode()] if encrypted else []
    endpoint = "tcp://127.0.0.1:*" if encrypted else f"ipc://{folder / 'echo'}"
    command = [*PYTHON, "-m", "bridge.benchmarks.echo", endpoint, *keys]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    if encrypted:
        socket.curve_serverkey = public
        socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
    try:
        socket.connect(process.stdout.readline().strip())
        yield Echo(socket)
    finally:
        context.destroy(linger=0)
        process.kill()
        process.wait()
        process.stdout.close()


def main(endpoint: str, *keys: str) -> None:
    """Print where it listens, then answer for ever."""
    router = zmq.Context().socket(zmq.ROUTER)
    if keys:
        router.curve_server = True
        router.curve_publickey, router.curve_secretkey = (key.encode() for key in keys)
    router.bind(endpoint)
    print(router.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
    while True:
        router.send_multipart(router.recv_multipart(copy=False), copy=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
