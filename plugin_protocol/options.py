"""What a client may say beside what is to be made: as the messages have it, all of it optional."""

from typing import Literal, TypedDict

from .values import Music, Priority, Quality, Retention, Start


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


class TaskOptions(TypedDict, total=False):
    """The fields of Task but for its objectives and clip."""

    model: str
    prompt: str
    seed: int
    takes: int
    quality: Quality
    music: Music
    balance: bool
    start: Start | None
