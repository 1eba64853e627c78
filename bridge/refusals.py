"""What a request is answered with when it cannot be done."""

from plugin_protocol.values import Failure


class Refusal(Exception):  # noqa: N818 - an answer to a client, not a fault
    """A request is refused; `failure` is what the client is told."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.failure = Failure(code=code, message=message, hint=hint)
