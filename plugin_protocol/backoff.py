"""How long to wait before asking again whether a daemon is back: longer each time, never in step.

Many clients lose the same daemon at once; without chance they would all come back at once.
"""

import random
from collections.abc import Callable, Iterator

FIRST, LONGEST = 0.1, 5.0


def waits(chance: Callable[[], float] = random.random) -> Iterator[float]:
    """Yield seconds without end: half to the whole of 0.1, 0.2, 0.4, ... up to 5."""
    whole = FIRST
    while True:
        yield whole * (1 + chance()) / 2
        whole = min(2 * whole, LONGEST)
