"""Cases as they are written down: headers as Python values, packed here and nowhere else."""

from base64 import b64encode
from typing import Any

import msgpack

MAJOR, MINOR = 1, 2
SHA = bytes(range(32))
ABSENT = object()

Case = dict[str, Any]
Frame = bytes | dict[str, Any] | list[Any]


def job_id(number: int) -> str:
    """Return a UUIDv7 that no other case uses, made so late that no daemon finds it too old."""
    return f"f9990000-0000-7000-8000-{number:012x}"


def preamble(*, flags: int = 0, major: int = MAJOR, minor: int = MINOR, end: int = 0) -> bytes:
    return b"DITO" + bytes((major, minor, flags, end))


def as_json(value: Any) -> Any:
    """Return the value with base64 for bytes."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, dict):
        return {key: as_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(part) for part in value]
    return value


def packed(header: Any) -> bytes:
    data: bytes = msgpack.packb(header, unicode_errors="surrogatepass")
    return data


def times(data: bytes, count: int) -> dict[str, Any]:
    return {"hex": data.hex(), "times": count}


def frame(data: Frame) -> Any:
    if isinstance(data, list):
        return [frame(part) for part in data]
    return data.hex() if isinstance(data, bytes) else data


def accepted(
    name: str,
    header: dict[str, Any],
    answer: str | None = None,
    *,
    raw: Frame | None = None,
    first: bytes | None = None,
    chunk: tuple[Frame, int] | None = None,
    message: dict[str, Any] | None = None,
) -> Case:
    """A valid case. `answer` makes it a client's; `raw` replaces the packed header."""
    frames = [first or preamble(flags=chunk is not None), raw or packed(header)]
    case = {
        "name": name,
        "direction": "D" if answer is None else "C",
        "frames": [frame(part) for part in ([*frames, chunk[0]] if chunk else frames)],
        "valid": True,
        "message": as_json(header if message is None else message),
    }
    if chunk:
        case["chunk"] = chunk[1]
    return case if answer is None else {**case, "answer": answer}


def refused(
    name: str, header: Any, code: str = "BAD_MESSAGE", re: int = 0, *, direction: str = "C"
) -> Case:
    """A case whose header is refused."""
    return malformed(name, [preamble(), packed(header)], code, re, direction=direction)


def malformed(
    name: str,
    frames: list[Any],
    code: str = "BAD_MESSAGE",
    re: int = 0,
    *,
    direction: str = "C",
) -> Case:
    """A case whose frames are refused."""
    return {
        "name": name,
        "direction": direction,
        "frames": [frame(part) for part in frames],
        "valid": False,
        "code": code,
        "re": re,
    }


def changed(header: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return the header with another value at a path like `task.objectives.0.seconds`."""
    key, _, rest = path.partition(".")
    if isinstance(header, list):
        i = int(key)
        return [*header[:i], changed(header[i], rest, value) if rest else value, *header[i + 1 :]]  # type: ignore[return-value]
    if rest:
        return {**header, key: changed(header[key], rest, value)}
    if value is ABSENT:
        return {name: old for name, old in header.items() if name != key}
    return {**header, key: value}
