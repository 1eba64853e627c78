"""Turn what went wrong with a job into what its user is told. The only place that does."""

from engine.errors import EngineError
from plugin_protocol.values import Failure

HINTS = {"DIVERGED": "Try another seed."}
INTERNAL_HINT = "This is a bug. `ditto log` says where."
MESSAGE_CHARACTERS = 2000


def as_failure(error: Exception) -> Failure:
    """Return the failure to report. Expected errors keep their words; the rest is our bug."""
    if isinstance(error, EngineError):
        message = str(error)[:MESSAGE_CHARACTERS]
        return Failure(code=error.code, message=message, hint=HINTS.get(error.code, ""))
    return Failure(
        code="INTERNAL",
        message=f"The daemon failed while working ({type(error).__name__}).",
        hint=INTERNAL_HINT,
    )
