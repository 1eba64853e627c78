"""The result of an equal task, given at once: the same task, model and engine make the same music.

On a GPU the only way to have it bit by bit again.
"""

from collections.abc import Iterator
from hashlib import sha256

from bridge.blobs import BlobStore
from bridge.job_records import JobRecord, MadeResult
from bridge.store import Store
from plugin_protocol.framing import unpack
from plugin_protocol.values import Result, Task

COMPLETE = frozenset({"converged", "iterations"})
"""Why the search of a take may end for its result to be what the task asks for."""


class ResultCache:
    """Finds results by what made them. Knows the makers only once the worker has told them."""

    def __init__(self, store: Store, blobs: BlobStore) -> None:
        self._store = store
        self._blobs = blobs
        self._engine = ""
        self._models: dict[str, str] = {}

    def learn(self, *, engine: str, models: dict[str, str]) -> None:
        """Take note of the engine's fingerprint, and of the digests of models by name."""
        self._engine = engine
        self._models |= models

    def find(self, digest: bytes, model: str) -> MadeResult | None:
        """Return the kept result of the task with that digest, None if there is none."""
        key = self.key(digest, model)
        record = self._store.with_key(key) if key else None
        return self._result_of(record) if record else None

    def key(self, digest: bytes, model: str) -> bytes | None:
        """Return the key of a task's result, None while the makers are unknown."""
        maker = self._models.get(model, "")
        if not self._engine or not maker:
            return None
        return sha256(b"\0".join((digest, maker.encode(), self._engine.encode()))).digest()

    def _result_of(self, record: JobRecord) -> MadeResult | None:
        if record.result is None:
            return None
        named = set(blobs_of_result(unpack(record.result, Result)))
        if not all(self._blobs.touch(sha) for sha in named):
            return None
        return MadeResult(record.result, {sha: self._blobs.size(sha) or 0 for sha in named})


def is_complete(result: Result, task: Task) -> bool:
    """Return whether the result is all that its task asks for, ended by nobody."""
    is_whole = len(result.takes) == task.takes
    return is_whole and all(take.stopped in COMPLETE for take in result.takes)


def blobs_of_result(result: Result) -> Iterator[bytes]:
    """Yield the digests of all blobs that the result names."""
    for take in result.takes:
        yield take.audio.sha
        if take.noise is not None:
            yield take.noise
