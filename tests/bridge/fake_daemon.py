"""The real daemon with the command given as its worker. DITTO_HOME says where."""

import os
import sys

from bridge import at_work
from bridge.daemon import serve
from bridge.settings import Settings

if __name__ == "__main__":
    worker = tuple(sys.argv[1:])
    # Jobs that are long enough to give way would be too long to wait for.
    at_work.WORTH_PREEMPTING = 0.0
    settings = Settings(
        worker_command=worker,
        workers=("",) * int(os.environ.get("DITTO_WORKERS", "1")),
        checkpoint_seconds=0.1,
        preview_seconds=0.1,
        network=os.environ.get("DITTO_NETWORK", ""),
        metrics_port=int(port) if (port := os.environ.get("DITTO_METRICS")) else None,
        patience_seconds=float(os.environ.get("DITTO_PATIENCE", "30")),
    )
    sys.exit(serve(settings))
