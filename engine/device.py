"""How much memory is free where the model runs."""

import os
from pathlib import Path

import torch

from engine.memory_limits import memory_limits


def free_bytes(device: torch.device) -> int:
    """Return the memory that a job may still take on `device`, in bytes."""
    if device.type == "cuda":
        free, _total = torch.cuda.mem_get_info(device)
        # Blocks that torch holds but does not use are free for us, though not for others.
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(free + unused)
    return min([_available_ram(), *(limit.free for limit in memory_limits())])


def total_bytes(device: torch.device) -> int:
    """Return all memory that `device` has, in bytes."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    return min([_installed_ram(), *(limit.total for limit in memory_limits())])


def _installed_ram() -> int:
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    # Windows does not tell without its own API: assume what every machine we run on has.
    return 4 * 2**30


def _available_ram() -> int:
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        return int(fields["MemAvailable"].split()[0]) * 1024
    # macOS tells what is installed, not what is free: assume half.
    return _installed_ram() // 2
