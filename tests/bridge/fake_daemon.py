"""The real daemon with the command given as its worker. DITTO_HOME says where."""

import sys

from bridge.daemon import serve
from bridge.settings import Settings

if __name__ == "__main__":
    worker = tuple(sys.argv[1:])
    sys.exit(serve(Settings(worker_command=worker, checkpoint_seconds=0.1, preview_seconds=0.1)))
