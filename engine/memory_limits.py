"""How much memory this process may take, where that is less than the machine has.

Containers and services are given so much and no more (Linux control groups, version 2), and a shell
may limit its programs (`ulimit -v`).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")


@dataclass(frozen=True)
class MemoryLimit:
    """`total` bytes may be taken, of which `free` are left."""

    total: int
    free: int


def memory_limits() -> tuple[MemoryLimit, ...]:
    """Return every limit that holds for this process, none where the system tells of none."""
    if os.name != "posix" or not OWN_CGROUP.exists():
        return ()
    return (*_of_the_process(), *of_cgroups(CGROUPS, OWN_CGROUP.read_text()))


def of_cgroups(root: Path, own: str) -> Iterator[MemoryLimit]:
    """Yield the limits of a control group and of those that it is in.

    `own` is what /proc/self/cgroup says; one line of it, `0::/PATH`, is of version 2.
    """
    path = next((line[4:] for line in own.splitlines() if line.startswith("0::/")), None)
    if path is None:
        return
    group = root / path
    for folder in (group, *group.parents):
        if not folder.is_relative_to(root):
            return
        try:
            total = int((folder / "memory.max").read_text())
            used = int((folder / "memory.current").read_text())
            told = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        except (OSError, ValueError):
            continue  # no such folder in this container, or "max"
        # Files that were read count as used, too, and make room when it is needed.
        yield MemoryLimit(total, max(0, total - used + int(told.get("inactive_file", 0))))


def _of_the_process() -> Iterator[MemoryLimit]:
    import resource  # which Windows has not

    total, _hard = resource.getrlimit(resource.RLIMIT_AS)
    if total != resource.RLIM_INFINITY:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        yield MemoryLimit(total, max(0, total - pages * resource.getpagesize()))
