"""Errors a person can act on. Anything else that escapes the engine is a bug."""


class EngineError(Exception):
    """Base of every error raised on purpose by the engine.

    `code` is a stable word for programs. The message says what was asked, what the limit is and
    what to do next, with units, in the user's vocabulary, and ends with a full stop.
    """

    code = "ENGINE_FAILED"


class InvalidRequestError(EngineError):
    """The request contradicts itself, the clip or the model's limits."""

    code = "INVALID_SPEC"


class UnknownModelError(EngineError):
    """No model of that name, or a folder that is no model."""

    code = "UNKNOWN_MODEL"


class DeviceMemoryError(EngineError):
    """The device cannot hold this job."""

    code = "GPU_OOM"


class ModelTooLargeError(DeviceMemoryError):
    """The weights alone do not fit, whatever a job does without."""


class NoGpuError(EngineError):
    """A GPU was asked for, and there is none that computes."""


class DivergedError(EngineError):
    """The loss or the noise became infinite or NaN."""

    code = "DIVERGED"
