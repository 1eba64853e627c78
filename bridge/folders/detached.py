"""A folder's work in a process of its own, so that the host may go on, or die."""

import os
import subprocess
from pathlib import Path

from bridge.folders.folder import JobFolder
from bridge.launch import absolute
from bridge.supervisor import PYTHON

COMMAND = (*PYTHON, "-c", "from bridge.cli import main; main()", "job", "--wait")


def begin(folder: JobFolder) -> None:
    """Start the work and return; whatever becomes of it stands in the folder."""
    with folder.taken_care_of() as is_ours:
        if is_ours:
            # Now, not when the process is up: the host must not read how it ended the last time.
            folder.begin_anew()
    subprocess.Popen(
        [*COMMAND, str(folder.path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=absolute(os.environ),
        cwd=Path("/"),  # a disk that is to be removed must not be kept busy
        start_new_session=True,
    )
