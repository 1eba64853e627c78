"""What a request is answered with when it cannot be done."""

from plugin_protocol.values import Failure


class Refusal(Exception):  # noqa: N818 - an answer to a client, not a fault
    """A request is refused; `failure` is what the client is told.

    `limit` names the limit that was met; `retry_after_ms` says when the same request may succeed.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        limit: str = "",
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(message)
        self.failure = Failure(
            code=code, message=message, hint=hint, limit=limit, retry_after_ms=retry_after_ms
        )
