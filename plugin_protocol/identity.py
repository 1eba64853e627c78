"""Names of the client's own making."""

import secrets
import time
import uuid


def new_job_id() -> str:
    """Return a fresh job id: a UUIDv7 (RFC 9562), so that ids sort by time."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(80)
    value = (milliseconds & (2**48 - 1)) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def first_id_of(milliseconds: int) -> str:
    """Return the smallest job id of that moment since 1970; whatever is made later sorts after."""
    digits = f"{milliseconds:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"
