"""Refuse to start where the daemon would not be what its user believes it is.

Our packages have short names that others use too. Whichever folder comes first on the import path
wins, silently; so the daemon looks before it imports.
"""

import os
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

from bridge.errors import ForeignPackageError, UnsupportedPlatformError

PACKAGES = ("engine", "plugin_protocol", "bridge")
OUR_FOLDER = Path(__file__).resolve().parent.parent


def check_platform() -> None:
    """Raise UnsupportedPlatformError where the socket could not be kept private."""
    if os.name != "posix":
        raise UnsupportedPlatformError(
            "The daemon runs on Linux and macOS only so far: on Windows its socket could not be "
            "kept private. Use WSL."
        )


def check_packages(folder: Path = OUR_FOLDER) -> None:
    """Raise ForeignPackageError unless each package would be imported from `folder`.

    Imports none of them, so it costs no torch.
    """
    for name in PACKAGES:
        found = _location(find_spec(name))
        if found != folder / name:
            raise ForeignPackageError(
                f"Another package named {name!r} is in the way: Python would load "
                f"{found or 'nothing'} instead of {folder / name}. Uninstall it or take it off "
                "PYTHONPATH, then start the daemon again."
            )


def _location(spec: ModuleSpec | None) -> Path | None:
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.origin else None
