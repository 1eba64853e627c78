"""The `ditto` that runs, as other programs can start it: by its whole path."""

import shutil
import sys
from pathlib import Path

from bridge.hosts.host import HostError

NAME = "ditto"


def running_command() -> Path:
    """Return the whole path of the `ditto` that runs, or else of the one beside this Python.

    Raises HostError where there is none, or where no script could hold its path.
    """
    beside = Path(sys.executable).absolute().with_name(NAME)
    candidates = [Path(sys.argv[0]).absolute(), beside]
    if found := shutil.which(NAME):
        candidates.append(Path(found).absolute())
    for path in candidates:
        if path.name == NAME and path.is_file():
            if not str(path).isprintable():
                raise HostError(
                    f"The path {str(path)!r} has characters that no script can hold. Install "
                    "DITTO in a folder with a plainer name."
                )
            return path
    raise HostError(
        f"The command `ditto` is neither beside {sys.executable} nor on the PATH, so that no host "
        "could start it. Install DITTO with pip and try again."
    )
