"""Where the model runs, and how much memory is free there."""

import os
from pathlib import Path

import torch

from engine.errors import NoGpuError
from engine.memory_limits import memory_limits


def best_device() -> torch.device:
    """Return the first GPU that CUDA shows, where one can compute, else the CPU."""
    return torch.device("cpu" if _why_no_gpu() else "cuda")


def named_device(name: str) -> torch.device:
    """Return the device "cpu" or "cuda", the best one for "". Raises NoGpuError."""
    if not name:
        return best_device()
    if name == "cuda" and (why := _why_no_gpu()):
        raise NoGpuError(f"No music can be made on a GPU here: {why}. Choose the CPU instead.")
    return torch.device(name)


def lost_the_gpu(error: BaseException) -> bool:
    """Return whether after this error nothing can be computed on the GPU by this process.

    CUDA knows no way back from a kernel that failed; another process has another chance.
    """
    return isinstance(error, RuntimeError) and "CUDA error" in str(error)


def _why_no_gpu() -> str:
    """Return what keeps torch from computing on a GPU; "": nothing."""
    if not torch.cuda.is_available():
        if torch.version.cuda is None:
            return "the torch that is installed computes on the CPU only"
        return "CUDA finds none, for want of a driver or because CUDA_VISIBLE_DEVICES hides it"
    try:
        # A GPU too old for this torch is found all the same; the first sum fails.
        torch.ones(1, device="cuda").sum().item()
    except RuntimeError as error:
        return f"one is found, but it does not compute ({str(error).splitlines()[0]})"
    return ""


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
