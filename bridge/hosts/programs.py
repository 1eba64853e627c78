"""Whether a program is on this machine, which version it is, and where it looks for scripts."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from bridge.hosts.host import Host, HostError, Place, expanded

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


def folder_of(host: Host, place: Place, environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the files go, for the user of that environment.

    Raises HostError where that depends on the version of a program that is not here.
    """
    folder = place.folder
    if "{major}" in folder:
        program = find_program(host.needs)
        version = version_of(program, host.version) if program else ""
        if not version:
            raise HostError(
                f"{host.title} was not found ({', '.join(host.needs)}), and where its scripts go "
                "depends on its version. Install it first."
            )
        folder = folder.replace("{major}", version.partition(".")[0])
    return expanded(folder, environment)
