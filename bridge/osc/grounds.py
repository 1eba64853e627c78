"""The one folder in which the door reads and writes.

A packet names files, and packets are not signed. So nothing outside this folder is read or written
on their word, by whatever detour the name takes, and what is written is a sound file.
"""

import os
import stat
from pathlib import Path

from bridge.cli.failures import RefusedError

EXCHANGE = "ditto-osc"
"""The folder inside, where the jobs are and where hosts put clips for them."""


class Grounds:
    """A folder of this user. Raises RefusedError where it cannot serve."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        if not self.folder.is_dir():
            raise RefusedError(f"{folder} is no folder. Give one with --folder.")
        status = self.folder.stat()
        if status.st_uid != os.getuid() or status.st_mode & stat.S_IWOTH:
            raise RefusedError(
                f"{folder} is a folder that other users can write in, so they could have files "
                "exchanged there. Give one of your own with --folder."
            )
        self.exchange = self.folder / EXCHANGE
        try:
            self.exchange.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise RefusedError(
                f"{self.exchange} cannot be made: {error.strerror}. Give another --folder."
            ) from error
        if self.exchange.is_symlink():
            raise RefusedError(f"{self.exchange} is a link. Remove it, or give another --folder.")

    def place(self, name: str) -> Path:
        """Return where `name` leads, all links followed. Raises RefusedError if that is outside."""
        try:
            path = (self.folder / name).resolve()
        except (OSError, RuntimeError, ValueError) as error:  # loops of links; zeros in names
            raise RefusedError(f"'{name}' is no name of a file.") from error
        if not path.is_relative_to(self.folder):
            raise RefusedError(
                f"{name} is outside {self.folder}, where the OSC door stays. Put it in there, or "
                "start `ditto osc` with another --folder."
            )
        return path

    def output(self, name: str) -> Path:
        """Return where a result may be written. Raises RefusedError."""
        path = self.place(name)
        if path.suffix.lower() != ".wav":
            raise RefusedError(f"'out' ends in '{path.suffix}'; the OSC door writes .wav only.")
        if path.is_relative_to(self.exchange):
            raise RefusedError(f"'out' is in {self.exchange}, where the jobs are. Choose another.")
        if not path.parent.is_dir():
            raise RefusedError(f"The folder {path.parent} does not exist. Create it first.")
        return path
