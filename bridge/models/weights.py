"""How much there is to load: numbers counted in the heads of safetensors files, none of them read.

Source: https://github.com/huggingface/safetensors, "Format".
"""

import math
from pathlib import Path

from safetensors import SafetensorError, safe_open

from bridge.errors import ModelError


def count_numbers(file: Path, told: str) -> int:
    """Return how many numbers the file holds; `told` is its name. Raises ModelError."""
    try:
        # Of the frameworks that it can hand tensors to, numpy is the one that is always there.
        with safe_open(file, "np") as weights:
            return sum(math.prod(weights.get_slice(name).get_shape()) for name in weights.keys())  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ModelError(
            f"{told} is no complete safetensors file ({error}). Get the model again."
        ) from None
