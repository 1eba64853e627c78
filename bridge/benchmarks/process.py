"""What Linux says about a process, by its id."""

import re
from pathlib import Path


def resident_kib(pid: int) -> int:
    """Return the memory that it holds now."""
    return _status(pid, "VmRSS")


def peak_kib(pid: int) -> int:
    """Return the most memory that it has ever held."""
    return _status(pid, "VmHWM")


def address_space_kib(pid: int) -> int:
    """Return the memory that it has reserved, held or not."""
    return _status(pid, "VmSize")


def open_files(pid: int) -> int:
    """Return how many files it has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def _status(pid: int, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    return int(found[1]) if found else 0
