"""`python -m bridge.worker.judge FOLDER`: can the engine use the model there? Nothing is loaded.

Exit status 0 if it can; 3, and a sentence on stdout, if not.
"""

import sys
from pathlib import Path

from bridge.models.judgement import UNUSABLE
from engine.errors import UnknownModelError
from engine.models.families import require_usable

if __name__ == "__main__":
    try:
        require_usable(Path(sys.argv[1]))
    except UnknownModelError as error:
        print(error)
        sys.exit(UNUSABLE)
