"""A job as the store has it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class JobRecord:
    """One row of jobs. `task`, `terms`, `result` and `failure` are packed.

    `attempt` counts starts, `crashes` those that ended with the worker's death; `finish` is set
    once the user has asked for the best so far. `waited` and `ran` are seconds, those since
    `queued_ms` or since the last start not included. `work` is in seconds (see costs); `until_ms`
    is when less is kept of a job that is over, and `kept` how much is: "all", "words" or its "id".
    """

    number: int
    id: str
    kind: str
    task: bytes
    digest: bytes
    previews: bool
    created_ms: int
    state: str
    ev: int
    attempt: int
    crashes: int
    finish: bool
    acked: bool
    result: bytes | None
    failure: bytes | None
    owner: str
    client: str
    terms: bytes
    work: float
    waited: float
    ran: float
    queued_ms: int
    began_ms: int | None
    ended_ms: int | None
    until_ms: int | None
    cause: str
    cached: bool
    kept: str


@dataclass(frozen=True)
class NewJob:
    """What is stored of a job when it is accepted. `blobs` are the digests that its task names."""

    id: str
    kind: str
    task: bytes
    digest: bytes
    terms: bytes
    previews: bool = False
    owner: str = ""
    client: str = ""
    work: float = 0.0
    blobs: frozenset[bytes] = frozenset()


@dataclass(frozen=True)
class MadeResult:
    """A result, the blobs it names and their bytes, and the key for equal tasks to find it."""

    packed: bytes
    blobs: Mapping[bytes, int]
    cache_key: bytes | None = None
