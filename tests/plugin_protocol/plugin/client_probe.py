"""The plugin's client in a process of its own, told what to do line by line."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import plugin_protocol

CLIENT = Path(plugin_protocol.__file__).parent / "plugin" / "client"
SECONDS = 60.0
FINAL = ("done", "failed", "cancelled", "unknown")
Line = dict[str, Any]


def build_probe(sanitize: str) -> Path:
    """Return the probe, built with that sanitizer; what is built already is not built again."""
    command = ["make", "--no-print-directory", "-C", str(CLIENT), "-j2", "probe"]
    done = subprocess.run(
        [*command, f"SANITIZE={sanitize}"], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return CLIENT / "build" / sanitize / "ditto-probe"


def ask(
    probe: Path, mode: str, lines: Iterable[Line], environment: dict[str, str] | None = None
) -> list[Line]:
    """Return what the probe answers to all lines."""
    told = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run(
        [str(probe), mode],
        input=told,
        capture_output=True,
        env=environment,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.split("\n") if line]


class Probe:
    """A session of the client. Ends with the `with` block, which asserts that it ended well."""

    def __init__(self, probe: Path, environment: dict[str, str]) -> None:
        self.heard: list[Line] = []
        self._process = subprocess.Popen(
            [str(probe), "session"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
            text=True,
        )
        self._lines: Queue[Line] = Queue()
        Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> "Probe":
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        self._process.stdin.close()
        try:
            status = self._process.wait(10)
        finally:
            self._process.kill()
        if kind is None:
            assert status == 0, self._process.stderr.read()
        self._process.stderr.close()

    @property
    def resident_mib(self) -> int:
        """How much memory it takes. Linux."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) // 1024

    def tell(self, what: str, **fields: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **fields}) + "\n")
        self._process.stdin.flush()

    def until(self, is_it: Callable[[Line], bool], seconds: float = SECONDS) -> Line:
        """Return the next line that is it; all lines are kept in `heard`."""
        deadline = time.monotonic() + seconds
        while True:
            left = max(0.0, deadline - time.monotonic())
            try:
                line = self._lines.get(timeout=left)
            except Empty:
                raise AssertionError(f"not within {seconds} s; last: {self.heard[-5:]}") from None
            self.heard.append(line)
            if is_it(line):
                return line

    def reports(self, job: str, *states: str) -> Line:
        """Return the job's next report of one of these states."""
        return self.until(lambda line: line.get("job") == job and line["state"] in states)

    def last(self, job: str) -> Line:
        """Return the job's last report, which may be here already."""

        def is_it(line: Line) -> bool:
            return line.get("job") == job and line["state"] in FINAL

        return next(filter(is_it, self.heard), None) or self.until(is_it)

    def finished(self, job: str) -> Line:
        """Return the job's music, which may be here already."""

        def is_it(line: Line) -> bool:
            return line.get("finished") == job

        return next(filter(is_it, self.heard), None) or self.until(is_it)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout:
            for line in self._process.stdout:
                self._lines.put(json.loads(line))
