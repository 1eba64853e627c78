"""How things stand at the daemon: its models, its workers, its jobs at a glance."""

from typing import Annotated, Literal

from msgspec import Meta

from .values import Count, ModelName, Priority, Report, ShortText, State

Milliseconds = Annotated[int, Meta(ge=0, le=2**53)]
"""Of time since 1970, by the daemon's clock."""
Duration = Annotated[float, Meta(ge=0, le=1e9)]


class ModelReport(Report, frozen=True, kw_only=True):
    """One model. `max_seconds` is the longest music it makes in one piece, 0 where unknown."""

    name: ModelName
    state: Literal["unloaded", "loading", "ready", "failed"]
    digest: ShortText = ""
    sample_rate: Count = 0
    max_seconds: Duration = 0.0
    message: ShortText = ""
    """Why it failed."""


class WorkerReport(Report, frozen=True, kw_only=True):
    """One worker. `state` is starting, loading, idle, busy or restarting.

    `step_age` is seconds since its last iteration, absent where it has made none.
    """

    device: ShortText
    state: ShortText
    job: str = ""
    model: ShortText = ""
    step: Count = 0
    steps: Count = 0
    step_age: Duration | None = None
    memory_mib: Count = 0
    """Resident or on the device."""


class JobSummary(Report, frozen=True, kw_only=True):
    """One line of a job list. `client` is the name that was said in hello."""

    job: str
    state: State
    kind: ShortText
    created_ms: Milliseconds
    priority: Priority = "normal"
    client: ShortText = ""
    acked: bool = False
