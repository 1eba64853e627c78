"""The real daemon with a worker of one's choice. DITTO_HOME says where.

python -m bridge.benchmarks.trial_daemon [--supervised] [--network] WORKER...
"""

import sys

from bridge.addresses import LOOPBACK
from bridge.daemon import serve
from bridge.settings import Settings
from bridge.supervisor import PYTHON, Supervisor

COMMAND = (*PYTHON, "-m", "bridge.benchmarks.trial_daemon")
SUPERVISED, NETWORK = "--supervised", "--network"

if __name__ == "__main__":
    words = sys.argv[1:]
    if SUPERVISED in words:
        words.remove(SUPERVISED)
        sys.exit(Supervisor((*COMMAND, *words)).run())
    network = LOOPBACK if NETWORK in words else ""
    worker = tuple(word for word in words if word != NETWORK)
    # One, whatever there is: another GPU would be another benchmark.
    settings = Settings(
        worker_command=worker, workers=("",), checkpoint_seconds=0.1, network=network
    )
    sys.exit(serve(settings))
