"""Having the daemon load a model, and waiting until it has."""

import time

from bridge.cli.connection import NAME
from bridge.cli.failures import RefusedError
from bridge.guard import check_platform
from bridge.launch import ensure_daemon
from bridge.models.names import SHIPPED
from plugin_protocol.link import DaemonSilentError, Link, refusal
from plugin_protocol.messages import Error, ModelLoad, ModelState
from plugin_protocol.reports import ModelReport

SECONDS = 600.0
ASK_AGAIN_SECONDS = 0.2


def load_now(name: str) -> ModelReport:
    """Return how the model is once it is ready, or has failed to be. Raises RefusedError."""
    check_platform()
    with Link(ensure_daemon(), name=NAME) as link:
        try:
            return _load(link, name)
        except DaemonSilentError:
            raise RefusedError(
                "The daemon has died meanwhile. `ditto log` says more; then do it again."
            ) from None


def _load(link: Link, name: str) -> ModelReport:
    deadline = time.monotonic() + SECONDS
    asked = link.send(ModelLoad(model=name))
    while time.monotonic() < deadline:
        message, _ = link.receive()
        match message:
            case Error(re=number) if number == asked:
                if message.failure.code != "UNKNOWN_MODEL" or name not in SHIPPED:
                    raise refusal(message)
                # A worker that is only starting has not said yet what ships with it.
                time.sleep(ASK_AGAIN_SECONDS)
                asked = link.send(ModelLoad(model=name))
            case ModelState(model=report) if report.name == name:
                # The answer may tell of an earlier failure; what is told later does not.
                is_answer = message.re == asked
                if report.state == "ready" or (report.state == "failed" and not is_answer):
                    return report
    raise RefusedError(
        f"{name} was not loaded within {SECONDS:.0f} s; a job may be in its way. `ditto status` "
        "says so, and `ditto log` what is going on."
    )
