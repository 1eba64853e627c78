"""On what terms a job was handed over: all that a client says about it but the music itself."""

from typing import Literal

from msgspec import Struct
from msgspec.structs import asdict

from plugin_protocol.framing import pack, unpack
from plugin_protocol.messages import JobSubmit
from plugin_protocol.values import Priority, Retention, Tags

DAY = 24 * 3600.0
UNACKNOWLEDGED_SECONDS = 7 * DAY
"""How long what nobody has received is kept, and what has failed."""
RETENTION_SECONDS: dict[Retention, float] = {"ack": 0.0, "24h": DAY, "7d": 7 * DAY}


class Terms(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As in JobSubmit, which says what each means."""

    preview_credit: int | None = None
    priority: Priority = "normal"
    queue_ttl: float | None = None
    run_ttl: float | None = None
    on_deadline: Literal["best", "fail"] = "best"
    on_disconnect: Literal["keep", "cancel"] = "keep"
    retention: Retention = "24h"
    private: bool = False
    tags: Tags = {}
    allow_cached: bool = True

    @classmethod
    def of(cls, request: JobSubmit) -> "Terms":
        """Return the terms of a request."""
        said = asdict(request)
        return cls(**{name: said[name] for name in cls.__struct_fields__})

    @classmethod
    def read(cls, packed: bytes) -> "Terms":
        """Return the terms that `packed` holds."""
        return unpack(packed, cls)

    def pack(self) -> bytes:
        """Return the terms for the store."""
        return pack(self)

    @property
    def seconds_after_receipt(self) -> float:
        """How long the result is kept once it has been received."""
        return 0.0 if self.private else RETENTION_SECONDS[self.retention]
