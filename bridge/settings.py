"""What may be changed about a daemon: one value, read once, handed down."""

from dataclasses import dataclass, field

from bridge.devices import devices
from bridge.paths import Paths, locate
from bridge.supervisor import PYTHON


@dataclass(frozen=True)
class Settings:
    """A daemon's settings. `model` is loaded at start, so that the first job need not wait."""

    paths: Paths = field(default_factory=locate)
    worker_command: tuple[str, ...] = (*PYTHON, "-m", "bridge.worker")
    workers: tuple[str, ...] = field(default_factory=devices)
    """One worker for each of these, which it gets as CUDA_VISIBLE_DEVICES; "": gets nothing."""
    device: str = ""
    """Where they make music, cpu or cuda; "": on a GPU where one is."""
    model: str = "embedded"
    checkpoint_seconds: float = 2.0
    preview_seconds: float = 2.0
    keep_seconds: float = 600.0
    """How long models stay in memory without a job."""
    network: str = ""
    """ADDRESS:PORT to listen on as well, for paired clients; "": nowhere."""
    metrics_port: int | None = None
    """Where Prometheus may ask on this machine (0: any port); None: nowhere."""
    patience_seconds: float = 30.0
    """How long a worker may at least be silent between two iterations."""
