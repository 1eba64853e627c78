"""A daemon in a temporary folder, to be used, killed and started again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from bridge.benchmarks import trial_daemon
from bridge.errors import DaemonStartError
from bridge.keys import KeyRing
from bridge.paths import locate
from bridge.supervisor import PYTHON
from plugin_protocol import connection
from plugin_protocol.client import Client, DaemonUnreachableError
from plugin_protocol.connection import Connection

COUNTING_WORKER = (*PYTHON, "-m", "bridge.benchmarks.counting_worker")
SILENT_WORKER = (sys.executable, "-c", "import sys; sys.stdin.read()")
"""Never takes a job."""
REAL_WORKER = (*PYTHON, "-m", "bridge.worker")
PATIENCE_SECONDS = 60.0


class TrialDaemon:
    """One folder and the daemon that works on it, now and then. Use it as a context manager.

    The folder is made in `disk`; None: where temporary files are.
    """

    def __init__(
        self,
        worker: tuple[str, ...] = COUNTING_WORKER,
        *,
        supervised: bool = False,
        network: bool = False,
        disk: Path | None = None,
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="ditto-", dir=disk))
        self.environment = {**os.environ, "DITTO_HOME": str(self.home)}
        self.paths = locate(self.environment)
        options = [trial_daemon.SUPERVISED] * supervised + [trial_daemon.NETWORK] * network
        self._command = [*trial_daemon.COMMAND, *options, *worker]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            process.wait(PATIENCE_SECONDS)
        shutil.rmtree(self.home)

    def start(self) -> None:
        """Return once it can be talked to. Raises DaemonStartError."""
        before = self.epoch
        self._process = subprocess.Popen(
            self._command, env=self.environment, stderr=subprocess.DEVNULL
        )
        self.wait_until(lambda: self.epoch != before, "start")

    def kill(self) -> None:
        """Kill -9 of the daemon; under a supervisor another one comes."""
        os.kill(self.pid, signal.SIGKILL)
        if trial_daemon.SUPERVISED not in self._command and self._process is not None:
            self._process.wait()

    def kill_worker(self) -> None:
        """Kill -9 of the worker, if there is one."""
        lines = (self.paths.logs / "daemon.log").read_text().splitlines()
        pids = [json.loads(line)["worker_pid"] for line in lines if '"worker_pid"' in line]
        with suppress(ProcessLookupError):  # its successor is not up yet
            os.kill(pids[-1], signal.SIGKILL)

    @property
    def is_alive(self) -> bool:
        """Whether the process that was started still runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The daemon's process, not its supervisor's."""
        return self.known().pid

    @property
    def epoch(self) -> int:
        """How often the daemon has been started; grows once it can be talked to."""
        known = connection.read(self.paths.connection_file)
        return known.epoch if known else 0

    def known(self) -> Connection:
        """Return what the daemon says about where it is. Raises DaemonUnreachableError."""
        known = connection.read(self.paths.connection_file)
        if known is None:
            raise DaemonUnreachableError("The daemon of the benchmark has not come up yet.")
        return known

    def client(self, name: str = "bench") -> Client:
        """Return a client that finds the daemon's successors, too."""
        return Client(self._find(), name=name, find=self._find)

    def _find(self) -> str:
        return self.known().endpoint

    def pair(self, name: str) -> Connection:
        """Let a client in over the network and return its bundle."""
        return KeyRing(self.paths.keys).pair(name, self.known().network)

    def wait_until(self, fact: Callable[[], bool], what: str) -> None:
        """Return once it is so. Raises DaemonStartError where that takes too long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not fact():
            if not self.is_alive or time.monotonic() > deadline:
                raise DaemonStartError(
                    f"The daemon of the benchmark did not {what} within {PATIENCE_SECONDS:.0f} s."
                )
            time.sleep(0.005)

    def wait_for_worker(self, client: Client) -> None:
        """A worker that is loading its model would be measured along."""
        self.wait_until(lambda: client.ping().worker not in ("starting", "loading"), "load")
