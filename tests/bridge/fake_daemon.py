"""The real daemon with the fake engine in its worker. DITTO_HOME says where."""

import sys
from pathlib import Path

from bridge.daemon import run
from bridge.errors import BridgeError
from bridge.settings import Settings

if __name__ == "__main__":
    worker = (sys.executable, str(Path(__file__).with_name("fake_engine.py")))
    try:
        run(Settings(worker_command=worker, checkpoint_seconds=0.1, preview_seconds=0.1))
    except BridgeError as error:
        sys.exit(str(error))
