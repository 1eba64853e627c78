"""Where training runs: a GPU in bf16 with compiled networks, or CPU cores in single precision."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Hardware:
    """One device, and how to use it."""

    device: torch.device

    @classmethod
    def found(cls) -> "Hardware":
        """Return the GPU if there is one."""
        return cls(torch.device("cuda" if torch.cuda.is_available() else "cpu"))

    @property
    def is_gpu(self) -> bool:
        """Whether this is a GPU."""
        return self.device.type == "cuda"

    def draw(self, seed: int) -> torch.Generator:
        """Return random numbers drawn where they are needed; the same for a seed on this device."""
        return torch.Generator(self.device).manual_seed(seed)

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context for forward passes.

        A CPU without matrix units multiplies bf16 five times slower than single precision.
        """
        return torch.autocast("cuda", torch.bfloat16) if self.is_gpu else nullcontext()

    def wait(self) -> None:
        """Wait until everything asked of the device is done."""
        if self.is_gpu:
            torch.cuda.synchronize()

    def compile(self, network: nn.Module) -> None:
        """Compile `network` in place on a GPU; on two cores it takes longer than it wins."""
        if self.is_gpu:
            network.compile()
