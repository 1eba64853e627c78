"""Clips that have fully arrived in a folder: nobody writes to them any more, and they can be read.

Hidden files, other files than audio and everything in folders below are passed over.
"""

from dataclasses import dataclass
from pathlib import Path

from bridge.audio_files import CONTAINERS, AudioFileError, read
from bridge.cli.failures import RefusedError

PATIENCE_LOOKS = 10
"""So often a clip that cannot be read may be found unchanged before it is taken for what it is."""

_Stamp = tuple[int, int]


@dataclass
class _Seen:
    stamp: _Stamp
    looks: int = 0
    is_taken: bool = False


class Arrivals:
    """A folder, looked at again and again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[Path, _Seen] = {}

    def look(self) -> list[Path]:
        """Return the clips that have arrived since the last look, by name.

        One that is written anew arrives anew. One that cannot be read arrives, too, when it has not
        changed for a while. Raises RefusedError where the folder cannot be read.
        """
        stamps = self._stamps()
        self._seen = {path: seen for path, seen in self._seen.items() if path in stamps}
        return [path for path, stamp in stamps.items() if self._arrives(path, stamp)]

    def _arrives(self, path: Path, stamp: _Stamp) -> bool:
        seen = self._seen.get(path)
        if seen is None or seen.stamp != stamp:
            self._seen[path] = _Seen(stamp)
            return False
        if seen.is_taken:
            return False
        seen.looks += 1
        if seen.looks == 1:
            seen.is_taken = _can_be_read(path)
        elif seen.looks == PATIENCE_LOOKS:
            seen.is_taken = True
        return seen.is_taken

    def _stamps(self) -> dict[Path, _Stamp]:
        try:
            paths = sorted(self._folder.iterdir())
        except OSError as error:
            raise RefusedError(f"{self._folder} cannot be listed: {error.strerror}.") from error
        return {path: stamp for path in paths if (stamp := _stamp(path)) is not None}


def _stamp(path: Path) -> _Stamp | None:
    """Return what changes when the clip does; None where it is no clip."""
    if path.name.startswith(".") or path.suffix.lower() not in CONTAINERS:
        return None
    try:
        status = path.stat()
    except OSError:
        return None  # gone since the folder was listed
    return (status.st_size, status.st_mtime_ns) if path.is_file() else None


def _can_be_read(path: Path) -> bool:
    try:
        read(path)
    except AudioFileError:
        return False
    return True
