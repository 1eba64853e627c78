"""What a host's own settings need before its scripts can work, for the hosts that need anything."""

import os
from collections.abc import Iterator, Mapping
from typing import Protocol

from bridge.doctor import Finding
from bridge.hosts import ardour_slots, audacity_modules


class Preparation(Protocol):
    """Three functions that say in sentences what they have done, or found."""

    def prepare(self, environment: Mapping[str, str] = os.environ) -> list[str]:
        """Set what is needed, after the files were put."""

    def release(self, environment: Mapping[str, str] = os.environ) -> list[str]:
        """Take it back, before the files are taken away."""

    def examine(self, environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
        """Yield how it is."""


PREPARATIONS: dict[str, Preparation] = {
    "ardour": ardour_slots,
    "audacity": audacity_modules,
}
"""By the host's name."""
