"""Room set aside on the disk, so that the end of a job can be written down on a full one."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

BALLAST_BYTES = 4 * 2**20
"""As much as SQLite's log grows before it is folded into the database."""
AMPLE_BYTES = 12 * 2**20
"""Only where so much more is free is the ballast taken up again."""


class Ballast:
    """A file of no meaning, to be thrown away when the disk is full."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def throw(self) -> bool:
        """Make the room free; return whether there was any."""
        if not self._file.exists():
            return False
        self._file.unlink()
        return True

    def take(self) -> None:
        """Set the room aside, if it is not yet and if there is plenty."""
        if self._file.exists():
            return
        draft = self._file.with_suffix(".draft")
        with suppress(OSError):
            if shutil.disk_usage(self._file.parent).free < BALLAST_BYTES + AMPLE_BYTES:
                return
            # Written, not only reserved: a file with holes would free nothing.
            with draft.open("wb") as file:
                file.write(bytes(BALLAST_BYTES))
                os.fsync(file.fileno())
            draft.replace(self._file)
