"""What a client may say about a job beside its task: as JobSubmit has it, all of it optional."""

from typing import Literal, TypedDict

from .values import Priority, Retention


class JobOptions(TypedDict, total=False):
    """The fields of JobSubmit but for its id and task; PROTOCOL.md section 6 explains them."""

    previews: bool
    preview_credit: int | None
    priority: Priority
    queue_ttl: float | None
    run_ttl: float | None
    on_deadline: Literal["best", "fail"]
    on_disconnect: Literal["keep", "cancel"]
    retention: Retention
    private: bool
    tags: dict[str, str]
    allow_cached: bool
