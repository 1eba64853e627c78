"""Which uploads may begin, and whose blobs they are once they are here."""

import logging

from bridge.errors import DamagedStoreError, StoreError
from bridge.quotas import Quotas
from bridge.storage import Storage

log = logging.getLogger(__name__)


class UploadGate:
    """Refuses uploads that are too many or too much; lists those that have come."""

    def __init__(self, storage: Storage, quotas: Quotas) -> None:
        self._storage = storage
        self._quotas = quotas

    def check(self, *, owner: str, size: int, under_way: int) -> None:
        """Raise Refusal unless a client with so many uploads under way may begin another."""
        self._quotas.check_uploads(under_way)
        self._quotas.check_stored(self._storage.ledger.stored_by(owner), size)
        self._storage.room.check(size)

    def enter(self, sha: bytes, size: int, *, owner: str) -> None:
        """List a blob that is on the disk now."""
        try:
            self._storage.ledger.add(sha, size, owner=owner)
        except DamagedStoreError:
            raise
        except StoreError:
            log.exception("a blob is not listed before the next start of the daemon")
