"""Models that Hugging Face's own programs have left on this disk: found, and only read.

    HUB/models--OWNER--NAME/refs/main             the revision that was fetched last
    HUB/models--OWNER--NAME/snapshots/REVISION/   its files, links to those in blobs/

Source: huggingface_hub, "Understand caching"; its variables HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bridge.models.layout import INDEX, INDEX_BYTES

REPOSITORY = re.compile(r"models--(?P<owner>[A-Za-z0-9._-]+?)--(?P<name>[A-Za-z0-9._-]+)")
REVISION = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True)
class CachedModel:
    """A model in diffusers' layout: `repository` as its maker calls it, and where it lies."""

    repository: str
    folder: Path
    pipeline: str

    @property
    def name(self) -> str:
        """What it could be called here."""
        own = self.repository.rpartition("/")[2].lower().removesuffix("-diffusers")
        return re.sub(r"[^a-z0-9._-]", "-", own).strip("._-")[:64] or "model"


def hub_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the cache would be."""
    if said := environment.get("HF_HUB_CACHE") or environment.get("HUGGINGFACE_HUB_CACHE"):
        return Path(said).expanduser()
    if home := environment.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    cache = environment.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "huggingface" / "hub"


def cached_models(folder: Path) -> Iterator[CachedModel]:
    """Yield the models in the cache at `folder` that have an index of diffusers', by name."""
    try:
        found = sorted(path for path in folder.iterdir() if REPOSITORY.fullmatch(path.name))
    except OSError:
        return
    for path in found:
        named = REPOSITORY.fullmatch(path.name)
        snapshot = _snapshot(path)
        pipeline = _pipeline(snapshot) if snapshot else ""
        if named and snapshot and pipeline:
            yield CachedModel(f"{named['owner']}/{named['name']}", snapshot, pipeline)


def _snapshot(repository: Path) -> Path | None:
    """Return the revision that was fetched last, else any one that is there."""
    snapshots = repository / "snapshots"
    try:
        revision = (repository / "refs" / "main").read_text().strip()
        if REVISION.fullmatch(revision) and (snapshots / revision).is_dir():
            return snapshots / revision
    except (OSError, ValueError):
        pass
    try:
        return next((path for path in sorted(snapshots.iterdir()) if path.is_dir()), None)
    except OSError:
        return None


def _pipeline(snapshot: Path) -> str:
    try:
        with (snapshot / INDEX).open("rb") as file:
            index = json.loads(file.read(INDEX_BYTES))
    except (OSError, ValueError, RecursionError):
        return ""
    found = index.get("_class_name") if isinstance(index, dict) else None
    return found if isinstance(found, str) and found.isidentifier() else ""
