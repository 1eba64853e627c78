"""The real supervisor of the command given."""

import sys

from bridge.supervisor import Supervisor

if __name__ == "__main__":
    sys.exit(Supervisor(sys.argv[1:]).run())
