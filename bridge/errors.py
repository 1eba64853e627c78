"""Errors of the daemon's own house. Messages are sentences for the person at the keyboard."""


class BridgeError(Exception):
    """Base of every error raised on purpose by the bridge."""


class UnsupportedPlatformError(BridgeError):
    """This operating system cannot run the daemon."""


class ForeignPackageError(BridgeError):
    """Another package stands where one of ours should be imported from."""


class UnusableFolderError(BridgeError):
    """A folder that the daemon needs cannot be had, or not for this user alone."""


class AlreadyRunningError(BridgeError):
    """Another daemon works on the same folder."""


class KeyFileError(BridgeError):
    """A key cannot be used, or others could use it."""


class UnknownClientError(BridgeError):
    """No client is paired under that name."""


class ListenError(BridgeError):
    """An address that the daemon must or can not listen on."""


class StoreError(BridgeError):
    """The job database cannot be used."""


class DamagedStoreError(StoreError):
    """The job database is no longer a database."""


class MissingGpuError(BridgeError):
    """A GPU was asked for, and there is none that computes."""


class DaemonStartError(BridgeError):
    """A daemon was started and did not become ready, or there is one of another version."""


class UnresponsiveDaemonError(BridgeError):
    """A daemon runs and does not answer."""


class ModelError(BridgeError):
    """A folder that cannot become a model here, a name that none has, or files that changed."""
