"""How much memory a process holds."""

import os
from pathlib import Path


def resident_mib(pid: int) -> int:
    """Return the resident memory of a process in MiB; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20
