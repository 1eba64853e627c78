"""Whether the disk has room: what would fill it is refused before any of it is written."""

import shutil
from pathlib import Path

from bridge.refusals import Refusal

RESERVE_BYTES = 2**30
RESERVE_SHARE = 0.1
"""Of the disk. The smaller of the two stays free: for the results of jobs that were accepted."""


class Room:
    """The disk that a folder is on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def spare(self) -> int:
        """Bytes that may still be taken; negative where the reserve is touched."""
        usage = shutil.disk_usage(self._folder)
        return usage.free - min(RESERVE_BYTES, int(RESERVE_SHARE * usage.total))

    def check(self, size: int, *, promised: int = 0) -> None:
        """Raise Refusal where so many bytes more, and those promised, would leave too little."""
        spare = self.spare - promised
        if size > spare:
            raise Refusal(
                "STORAGE_FULL",
                f"{_amount(size)} were to be stored; the daemon's disk has room for "
                f"{_amount(max(0, spare))} more.",
                "Free some space there, or forget jobs whose results you have.",
                limit="disk",
                retry_after_ms=60_000,
            )


def _amount(size: int) -> str:
    return f"{size / 2**20:.1f} MiB" if size >= 2**18 else f"{size / 2**10:.1f} KiB"
