"""`python -m bridge.worker.examination`: what this machine and this installation can do, as JSON.

In a process of its own, as the worker is: it loads torch and every model that music is made with.
"""

import json
import platform
import sys
import time

import torch

from engine.device import best_device, free_bytes, total_bytes
from engine.models import load

MODELS = ("embedded", "embedded-base")


def examine() -> dict[str, object]:
    """Return versions, devices with their memory in bytes, and how each model loads."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "best_device": str(best_device()),
        "devices": [_device(device) for device in _devices()],
        "models": [_model(name) for name in MODELS],
    }


def _devices() -> list[torch.device]:
    return [
        torch.device("cpu"),
        *(torch.device("cuda", index) for index in range(torch.cuda.device_count())),
    ]


def _device(device: torch.device) -> dict[str, object]:
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return {
        "device": str(device),
        "name": name,
        "free": free_bytes(device),
        "total": total_bytes(device),
    }


def _model(name: str) -> dict[str, object]:
    began = time.monotonic()
    try:
        model = load(name)
    except Exception as error:
        return {"name": name, "problem": f"{type(error).__name__}: {error}"}
    return {
        "name": name,
        "digest": getattr(model, "digest", ""),
        "seconds": time.monotonic() - began,
    }


if __name__ == "__main__":
    json.dump(examine(), sys.stdout)
