"""What a person reads when a job fails."""

import errno

import pytest

from bridge.failures import as_failure
from engine.errors import DivergedError


def test_an_expected_error_keeps_its_words_and_its_code() -> None:
    failure = as_failure(DivergedError("It rang."))
    assert (failure.code, failure.message) == ("DIVERGED", "It rang.")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_no_bug(number: int) -> None:
    failure = as_failure(OSError(number, "words of the system"))
    assert failure.code == "STORAGE_FULL"
    assert "try again" in failure.hint


def test_anything_else_is_our_bug_and_tells_nothing_of_the_inside() -> None:
    failure = as_failure(ZeroDivisionError("secret"))
    assert failure.code == "INTERNAL"
    assert "secret" not in failure.message + failure.hint
