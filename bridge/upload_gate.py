"""Which uploads may begin, and whose blobs they are once they are here."""

import logging
from collections.abc import Iterable
from typing import Protocol

from bridge.errors import DamagedStoreError, StoreError
from bridge.quotas import Quotas
from bridge.storage import Storage

log = logging.getLogger(__name__)


class Coming(Protocol):
    """An upload under way. `missing` are the bytes that are still to come."""

    owner: str
    sender: bytes

    @property
    def size(self) -> int:
        """All its bytes."""
        ...

    @property
    def missing(self) -> int:
        """Those that are not here yet."""
        ...


class UploadGate:
    """Refuses uploads that are too many or too much; lists those that have come."""

    def __init__(self, storage: Storage, quotas: Quotas) -> None:
        self._storage = storage
        self._quotas = quotas

    def check(self, coming: Iterable[Coming], *, owner: str, sender: bytes, size: int) -> None:
        """Raise Refusal unless one more upload may begin beside those that are under way."""
        others = tuple(coming)
        self._quotas.check_uploads(sum(each.sender == sender for each in others))
        own = sum(each.size for each in others if each.owner == owner)
        self._quotas.check_stored(self._storage.ledger.stored_by(owner) + own, size)
        self._storage.room.check(size, promised=sum(each.missing for each in others))

    def enter(self, sha: bytes, size: int, *, owner: str) -> None:
        """List a blob that is on the disk now."""
        try:
            self._storage.ledger.add(sha, size, owner=owner)
        except DamagedStoreError:
            raise
        except StoreError:
            log.exception("a blob is not listed before the next start of the daemon")
