"""Uploads at a word: `python -m bridge.benchmarks.uploader CONNECTION_FILE BYTES COUNT`.

Says "ready", waits for a line, uploads so many fresh blobs one after the other, and exits.
"""

import os
import subprocess
import sys
from pathlib import Path

from bridge.supervisor import PYTHON
from plugin_protocol import connection
from plugin_protocol.client import Client


class Uploader:
    """The process, from outside. Ready once constructed."""

    def __init__(self, connection_file: Path, *, size: int, count: int) -> None:
        words = [str(connection_file), str(size), str(count)]
        command = [*PYTHON, "-m", "bridge.benchmarks.uploader", *words]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def begin(self) -> None:
        """Let it upload."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    @property
    def is_done(self) -> bool:
        """Whether all has arrived."""
        return self._process.poll() is not None

    def close(self) -> None:
        """Wait for its end."""
        self._process.communicate()


def main(connection_file: str, size: str, count: str) -> None:
    """Do what the module says."""
    known = connection.read(Path(connection_file))
    assert known is not None
    blobs = [os.urandom(int(size)) for _ in range(int(count))]
    with Client(known.address, name="bench-uploader") as client:
        print("ready", flush=True)
        sys.stdin.readline()
        for blob in blobs:
            client.upload(blob)


if __name__ == "__main__":
    main(*sys.argv[1:])
