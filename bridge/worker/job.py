"""One job while it is being worked on: what its result will say, and when what was done last."""

import time
from dataclasses import dataclass, field

from bridge.pipe import Work
from bridge.worker.reports import Progress
from plugin_protocol.values import SampleFormat


@dataclass
class Job:
    """One job while it is being worked on."""

    work: Work
    sample_format: SampleFormat
    sample_rate: int
    model_digest: str
    seconds_before: float
    progress: Progress
    began: float = field(default_factory=time.monotonic)
    checkpoint_at: float = field(default_factory=time.monotonic)
    preview_at: float = field(default_factory=time.monotonic)
    full_until: float = 0.0
    """When the disk, which has refused a checkpoint, is tried again."""

    @property
    def seconds(self) -> float:
        """Seconds of work so far, those before a crash included."""
        return self.seconds_before + time.monotonic() - self.began
