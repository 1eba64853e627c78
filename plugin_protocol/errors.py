"""What can go wrong between a client and the daemon. Messages are sentences for people."""


class ClientError(Exception):
    """Base of every error that a client raises on purpose."""


class DaemonUnreachableError(ClientError):
    """No daemon answers: none runs, or another program holds its address."""


class DaemonLostError(ClientError):
    """The daemon went away and did not come back in time."""


class DaemonStoppedError(DaemonLostError):
    """The daemon was stopped on purpose, which a client must not undo, and stayed away."""


class RequestRefusedError(ClientError):
    """The daemon understood the request and refused it.

    `code` is stable and for programs; `message` and `hint` are for people.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
        self.message = message
        self.hint = hint
