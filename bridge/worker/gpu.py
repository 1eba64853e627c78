"""`python -m bridge.worker.gpu`: whether music can be made on a GPU; a sentence where it cannot.

A process of its own, for those who never load torch.
"""

import sys

from engine.device import named_device
from engine.errors import NoGpuError

if __name__ == "__main__":
    try:
        named_device("cuda")
    except NoGpuError as error:
        sys.exit(str(error))
