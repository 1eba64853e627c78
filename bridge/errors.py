"""Errors of the daemon's own house. Messages are sentences for the person at the keyboard."""

from plugin_protocol.messages import Failure


class BridgeError(Exception):
    """Base of every error raised on purpose by the bridge."""


class UnsupportedPlatformError(BridgeError):
    """This operating system cannot run the daemon."""


class ForeignPackageError(BridgeError):
    """Another package stands where one of ours should be imported from."""


class UnsafeDirectoryError(BridgeError):
    """A folder that must be private to this user is not."""


class AlreadyRunningError(BridgeError):
    """Another daemon works on the same folder."""


class StoreError(BridgeError):
    """The job database cannot be used."""


class DaemonStartError(BridgeError):
    """A daemon was started and did not become ready."""


class Refusal(Exception):  # noqa: N818 - an answer to a client, not a fault
    """A request is refused; `failure` is what the client is told."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.failure = Failure(code=code, message=message, hint=hint)
