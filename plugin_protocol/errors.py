"""What can go wrong between a client and the daemon. Messages are sentences for people."""


class ClientError(Exception):
    """Base of every error that a client raises on purpose."""


class DaemonUnreachableError(ClientError):
    """No daemon answers: none runs, or another program holds its address."""


class DaemonLostError(ClientError):
    """The daemon went away and did not come back in time."""


class DaemonStoppedError(DaemonLostError):
    """The daemon was stopped on purpose, which a client must not undo, and stayed away."""


class _CodedError(ClientError):
    """`code` is stable and for programs; `message` and `hint` are for people."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
        self.message = message
        self.hint = hint


class RequestRefusedError(_CodedError):
    """The daemon understood the request and refused it."""


class JobEndedError(_CodedError):
    """The job is over and has made no music: it failed, or somebody cancelled it."""
