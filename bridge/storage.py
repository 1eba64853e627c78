"""All that the daemon keeps on the disk, opened and brought into agreement."""

from dataclasses import dataclass

from bridge.blob_ledger import BlobLedger
from bridge.blobs import BlobStore
from bridge.database import Database
from bridge.garbage import Garbage
from bridge.paths import Paths
from bridge.room import Room
from bridge.store import Store


@dataclass(frozen=True)
class Storage:
    """Jobs, blobs, previews, and what keeps them from filling the disk.

    `notice` is what the user should know: "" unless the job database was lost.
    """

    database: Database
    jobs: Store
    ledger: BlobLedger
    blobs: BlobStore
    previews: BlobStore
    room: Room
    garbage: Garbage
    notice: str

    @classmethod
    def open(cls, paths: Paths) -> "Storage":
        """Open what is there, or begin anew. Raises StoreError, or OSError for the folders."""
        database = Database(paths.database)
        jobs, ledger = Store(database), BlobLedger(database)
        blobs, previews = BlobStore(paths.blobs), BlobStore(paths.previews)
        room = Room(paths.state)
        garbage = Garbage(jobs, ledger, blobs, room=room, checkpoints=paths.checkpoints)
        garbage.settle()
        previews.clear()
        notice = ""
        if database.moved_to is not None:
            ledger.salvage()
            notice = (
                "The list of jobs was damaged and is begun anew; the old one is kept as "
                f"{database.moved_to.name}. Music that was made is kept for a week."
            )
        return cls(database, jobs, ledger, blobs, previews, room, garbage, notice)

    def drop_previews(self) -> None:
        """Remove all previews: there will be newer ones of a job that goes on."""
        for sha, _ in self.previews.all():
            self.previews.remove(sha)

    def close(self) -> None:
        """Close the database."""
        self.database.close()
