"""The fake daemon on a machine whose clock is set: by as many seconds as a file says.

It looks for garbage all the time.
"""

import os
import runpy
import sys
import time
from pathlib import Path

from bridge import garbage

OFFSET = Path(os.environ["DITTO_OFFSET_FILE"])
true_time, true_time_ns = time.time, time.time_ns


def offset() -> float:
    return float(OFFSET.read_text()) if OFFSET.exists() else 0.0


time.time = lambda: true_time() + offset()
time.time_ns = lambda: true_time_ns() + round(1e9 * offset())

garbage.PASS_SECONDS = 0.1

if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
