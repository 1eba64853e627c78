"""The real supervisor of the command given; it waits less long for a disk to have room."""

import sys

from bridge import supervisor
from bridge.supervisor import Supervisor

if __name__ == "__main__":
    supervisor.HINDERED_REST = 0.1
    sys.exit(Supervisor(sys.argv[1:]).run())
