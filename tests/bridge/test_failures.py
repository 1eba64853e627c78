"""What a person reads when a job fails."""

from bridge.failures import as_failure
from engine.errors import DivergedError


def test_an_expected_error_keeps_its_words_and_its_code() -> None:
    failure = as_failure(DivergedError("It rang."))
    assert (failure.code, failure.message) == ("DIVERGED", "It rang.")


def test_anything_else_is_our_bug_and_tells_nothing_of_the_inside() -> None:
    failure = as_failure(ZeroDivisionError("secret"))
    assert failure.code == "INTERNAL"
    assert "secret" not in failure.message + failure.hint
