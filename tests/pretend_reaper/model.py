"""Projects as REAPER has them, as far as the scripts can see them."""

import copy
import itertools
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray


def guid() -> str:
    """Return a new one."""
    return "{" + str(uuid.uuid4()).upper() + "}"


@dataclass(eq=False)
class Source:
    """A media file: samples (frames, channels). A section is one that plays another source."""

    path: Path
    samples: NDArray[np.float32]
    rate: int
    is_reversed: bool = False
    is_section: bool = False

    @staticmethod
    def of(path: Path) -> "Source":
        """Open a file."""
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        return Source(path, samples, rate)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Source":
        return self  # media are files: undo does not touch them


@dataclass(eq=False)
class Envelope:
    """Points of (time, value), straight lines between them."""

    name: str
    points: list[tuple[float, float]]
    active: bool = True

    def value(self, time: float) -> float:
        """Return the value at a time."""
        return float(np.interp(time, *zip(*self.points, strict=True)))


@dataclass(eq=False)
class Take:
    """A take. `values` are those of `GetMediaItemTakeInfo_Value`."""

    source: Source | None
    texts: dict[str, str] = field(default_factory=lambda: {"P_NAME": "", "GUID": guid()})
    values: dict[str, float] = field(
        default_factory=lambda: {
            "D_STARTOFFS": 0.0, "D_PLAYRATE": 1.0, "D_VOL": 1.0, "D_PAN": 0.0, "I_CHANMODE": 0.0
        }
    )  # fmt: skip
    envelopes: list[Envelope] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    stretch_markers: int = 0


@dataclass(eq=False)
class Item:
    """An item. `values` are those of `GetMediaItemInfo_Value`."""

    takes: list[Take]
    values: dict[str, float]
    texts: dict[str, str] = field(default_factory=lambda: {"GUID": guid()})
    active: int = 0
    selected: bool = True


def item(source: Source, position: float, name: str, **values: float) -> Item:
    """Return an item that plays a whole file, with one take of that name."""
    take = Take(source)
    take.texts["P_NAME"] = name
    length = len(source.samples) / source.rate
    usual = {
        "D_POSITION": position, "D_LENGTH": length, "D_SNAPOFFSET": 0.0, "B_LOOPSRC": 1.0,
        "D_VOL": 1.0, "D_FADEINLEN": 0.01, "D_FADEOUTLEN": 0.01,
    }  # fmt: skip
    return Item([take], {**usual, **values})


@dataclass(eq=False)
class Track:
    """A track. `texts` are those of `GetSetMediaTrackInfo_String`."""

    items: list[Item] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=lambda: {"P_RAZOREDITS": ""})


@dataclass(frozen=True)
class Mark:
    """A marker, or a region where it has a `stop`."""

    start: float
    name: str
    stop: float | None = None


@dataclass(eq=False)
class Project:
    """A project tab. `file` is empty until it is saved. The tempo holds from start to end."""

    file: str = ""
    tracks: list[Track] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    bpm: float = 120.0
    meter: tuple[int, int] = (4, 4)
    selection: tuple[float, float] = (0.0, 0.0)
    selected_envelope: Envelope | None = None
    ext: dict[tuple[str, str], str] = field(default_factory=dict)
    undo: list[tuple[str, list[Track]]] = field(default_factory=list)
    before: list[Track] | None = None

    @property
    def items(self) -> list[Item]:
        """All items."""
        return list(itertools.chain.from_iterable(track.items for track in self.tracks))

    def begin(self) -> None:
        """Begin an undo step."""
        assert self.before is None, "an undo block within an undo block"
        self.before = copy.deepcopy(self.tracks)

    def end(self, name: str) -> None:
        """End it."""
        assert self.before is not None, "the end of an undo block without its beginning"
        self.undo.append((name, self.before))
        self.before = None

    def undo_once(self) -> None:
        """Restore what was before the newest step. All objects are new ones, as in REAPER."""
        _, self.tracks = self.undo.pop()

    def state(self) -> list[Any]:
        """Return all that undo restores, as plain values."""
        return [
            [(i.values, i.texts, i.active, [_plain(take) for take in i.takes]) for i in track.items]
            for track in self.tracks
        ]


def _plain(take: Take) -> tuple[Any, ...]:
    envelopes = [(each.name, each.points, each.active) for each in take.envelopes]
    return (str(take.source and take.source.path), take.texts, take.values, envelopes, take.effects)
