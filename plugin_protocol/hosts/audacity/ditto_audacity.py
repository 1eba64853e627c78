"""DITTO in Audacity: select, choose Tools > DITTO, hear it in place, undo if it isn't it.

    python3 ditto_audacity.py listen    beside Audacity: carries out what is chosen in its menu
    python3 ditto_audacity.py ACTION    does one thing now and waits for it; Ctrl+C cancels it

Needs Audacity 3.2 to 3.7 on Linux or macOS, Python 3.8 or newer, and DITTO.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> None:
    """Run the command line that stands in the same folder, wherever that was copied."""
    folder = Path(__file__).resolve().parent
    # What was installed can then be removed without a trace.
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder.parent))
    importlib.import_module(f"{folder.name}.commands").main(sys.argv[1:])


if __name__ == "__main__":
    main()
