"""Whether a program is on this machine, and which version it is."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from bridge.hosts.host import expanded

ANSWER_SECONDS = 5.0
START_SECONDS = 30.0
"""On a busy machine Python takes its time."""


def find_program(names: Iterable[str]) -> Path | None:
    """Return the first of these that is there: programs on the PATH, or whole paths."""
    for name in names:
        if name.startswith(("/", "~", "$")):
            if (path := expanded(name)).exists():
                return path
        elif found := shutil.which(name):
            return Path(found)
    return None


def runs(program: Path) -> bool:
    """Return whether the program answers to --version, and not only stands there."""
    try:
        done = subprocess.run(
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=START_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def version_of(program: Path, question: str) -> str:
    """Return the version that the program says when asked, "" if it does not."""
    try:
        said = subprocess.run(
            [program, question],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=ANSWER_SECONDS,
        ).stdout.decode(errors="replace")
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+\.\d+(\.\d+)*", said)
    return found[0] if found else ""
