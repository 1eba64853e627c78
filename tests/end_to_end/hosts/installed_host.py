"""A host's files, put where they belong in the home of a user of the test's own."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from door_process import DITTO


def at_home(home: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a user who has no other folders than those at home."""
    kept = {name: value for name, value in environment.items() if not name.startswith("XDG_")}
    return kept | {"HOME": str(home)}


def installed(ditto: Any, host: str, home: Path) -> Path:
    """Run `ditto hosts install` for the user who lives there, and return the home."""
    command = [*DITTO, "hosts", "install", host]
    environment = at_home(home, ditto.environment)
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
    return home
