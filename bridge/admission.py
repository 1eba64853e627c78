"""What becomes a job: a task that can be done, within the limits, with room for its result."""

from bridge.acceptance import check_task
from bridge.costs import work_of
from bridge.job_records import MadeResult, NewJob
from bridge.line import Line
from bridge.quotas import Quotas
from bridge.result_cache import ResultCache
from bridge.storage import Storage
from bridge.terms import Terms
from plugin_protocol.messages import JobSubmit
from plugin_protocol.rules import blobs_of, kinds_of, tag_of

RESULT_BYTES = 2**20
"""What a result takes at the least."""


class Admission:
    """Checks new jobs. Nothing of one that is refused is stored."""

    def __init__(self, storage: Storage, line: Line, cache: ResultCache, quotas: Quotas) -> None:
        self._storage = storage
        self._line = line
        self._cache = cache
        self._quotas = quotas

    def admit(
        self,
        request: JobSubmit,
        *,
        packed: bytes,
        digest: bytes,
        owner: str,
        client: str,
        seconds_until_room: float,
    ) -> tuple[NewJob, MadeResult | None]:
        """Return what to store, and the result where it is known already. Raises Refusal.

        `packed` is the task as it is stored, `digest` its SHA-256.
        """
        task, storage = request.task, self._storage
        self._quotas.check_pace(owner)
        check_task(task, storage.blobs, request.tags)
        known = self._cache.find(digest, task.model) if request.allow_cached else None
        if known is None:
            self._quotas.check_queue(
                own=self._line.count(owner),
                everybody=len(self._line),
                seconds_until_room=seconds_until_room,
            )
            self._quotas.check_stored(storage.ledger.stored_by(owner), RESULT_BYTES)
            storage.room.check(RESULT_BYTES)
        for sha in blobs_of(task):
            storage.blobs.touch(sha)
        (objective,) = kinds_of(task)
        job = NewJob(
            id=request.job,
            kind=tag_of(objective),
            task=packed,
            digest=digest,
            terms=Terms.of(request).pack(),
            previews=request.previews,
            owner=owner,
            client=client,
            work=work_of(task),
            blobs=blobs_of(task),
        )
        return job, known
