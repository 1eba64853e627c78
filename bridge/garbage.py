"""What nobody needs any more is removed: jobs past their time, then blobs, uploads, checkpoints.

The order makes it safe at every point: first the database forgets a use, then a blob without uses
leaves the disk, then the list. A blob that was wanted lately stays, used or not: a job that names
it may be on its way.
"""

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bridge.blob_ledger import BlobLedger
from bridge.blobs import BlobStore
from bridge.quotas import MIB, Limits
from bridge.room import Room
from bridge.store import Store

log = logging.getLogger(__name__)

PASS_SECONDS = 60.0
WANTED_SECONDS = 24 * 3600.0
"""How long a blob is kept for jobs to come."""
WANTED_UNDER_PRESSURE = 600.0
LOOK_BLOBS = 256
"""In one pass, where there is room enough: each takes 30 us of everybody's time."""
UPLOAD_SECONDS = 3600.0
LEAP_SECONDS = 600.0
"""By which the machine's clock goes ahead at once when it is set, and else does not. So it seems to
do over a night in which the machine slept: then things are kept for a night longer."""
CAP_BYTES = 20 * 2**30
CROWDED_BYTES = Limits().stored_mib_per_owner * MIB * 8 // 10
"""Of one owner: before its next upload would be refused."""


class Garbage:
    """Collects now and then; `tidy` may be called as often as one likes."""

    def __init__(
        self,
        store: Store,
        ledger: BlobLedger,
        blobs: BlobStore,
        *,
        room: Room,
        checkpoints: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._blobs = blobs
        self._room = room
        self._checkpoints = checkpoints
        self._clock = clock
        self._next_pass = 0.0
        self._looked_to = b""
        self._ahead = time.time() - clock()
        """Of the clock that may be set, before the one that may not."""

    def settle(self) -> None:
        """Agree with what is on the disk, at the start: a crash may have left anything."""
        self._blobs.sweep(older_than=UPLOAD_SECONDS)
        self._ledger.agree_with(self._blobs.all())
        unfinished = self._store.unfinished()
        for file in self._checkpoints.iterdir():
            if file.suffix != ".safetensors" or file.stem not in unfinished:
                file.unlink()

    def tidy(self) -> None:
        """Collect, if it is time."""
        if self._clock() >= self._next_pass:
            self._next_pass = self._clock() + PASS_SECONDS
            self._allow_for_leaps()
            self.collect()

    def collect(self) -> None:
        """Remove what is past its time, and more where room is short."""
        self._store.let_go_of_overdue()
        self._ledger.end_salvage()
        self._blobs.sweep(older_than=UPLOAD_SECONDS)
        self._look_further()
        if self._is_short():
            self._make_room()
        while self._is_short() and self._store.release_oldest_received():
            self._make_room()
        for owner in self._ledger.owners_of_more_than(CROWDED_BYTES):
            self._relieve(owner)

    def let_go_of(self, blobs: Iterable[bytes], *, is_anybody_at_work: bool) -> set[bytes]:
        """Remove those of the blobs that no job needs; return which are to be tried again.

        At once, however lately they were wanted; but a worker may have found one of them here that
        it is about to name in a result, so beside one that works only what is long unwanted.
        """
        wanted_for = WANTED_UNDER_PRESSURE if is_anybody_at_work else 0.0
        left = set()
        for sha in blobs:
            if self._ledger.is_used(sha):
                continue
            if self._blobs.discard(sha, unwanted_for=wanted_for):
                self._ledger.remove(sha)
            else:
                left.add(sha)
        return left

    def _allow_for_leaps(self) -> None:
        """Where somebody has set the machine's clock ahead, keep everything as long as before."""
        ahead = time.time() - self._clock()
        leap, self._ahead = ahead - self._ahead, ahead
        if leap > LEAP_SECONDS:
            self._store.postpone(leap)
            log.warning("the clock was set ahead", extra={"seconds": round(leap)})

    def _relieve(self, owner: str) -> None:
        """Let go of what the owner has received, the oldest first, before it can store no more."""
        self._make_room(owner=owner)
        while self._ledger.stored_by(owner) > CROWDED_BYTES:
            if not self._store.release_oldest_received(owner=owner):
                return
            self._make_room(owner=owner)

    def _look_further(self) -> None:
        """Discard what of the next few blobs nobody has wanted for long, and so on in a circle."""
        few = self._ledger.unused(after=self._looked_to, limit=LOOK_BLOBS)
        self._looked_to = few[-1][0] if len(few) == LOOK_BLOBS else b""
        self._discard(few, wanted_for=WANTED_SECONDS)

    def _make_room(self, *, owner: str | None = None) -> None:
        self._discard(self._ledger.unused(owner=owner), wanted_for=WANTED_UNDER_PRESSURE)

    def _discard(self, blobs: Iterable[tuple[bytes, int]], *, wanted_for: float) -> None:
        for sha, size in blobs:
            if self._blobs.discard(sha, unwanted_for=wanted_for):
                self._ledger.remove(sha)
                log.info("discarded", extra={"blob": sha.hex(), "bytes": size})

    def _is_short(self) -> bool:
        return self._room.spare < 0 or self._ledger.stored() > CAP_BYTES
