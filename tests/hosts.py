"""Programs that tests of hosts need: skipped where missing, but not where they are promised."""

import os
import shutil

import pytest


def host_program(*names: str) -> str:
    """Return the path of the first program of that name, from PATH or as a whole path.

    Skips the test where there is none, and fails it where DITTO_HOSTS=required promises it.
    """
    for name in names:
        if found := shutil.which(name):
            return found
    sentence = f"{' or '.join(names)} is not installed"
    if os.environ.get("DITTO_HOSTS") == "required":
        pytest.fail(f"{sentence}, and DITTO_HOSTS=required says that it is.")
    pytest.skip(sentence)
