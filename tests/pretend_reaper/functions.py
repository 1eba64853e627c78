# ruff: noqa: N802 - the functions have the names that REAPER gives them.
"""What the functions of items, takes, media and envelopes do to the model, as documented."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pretend_reaper.model import Envelope, Item, Project, Source, Take, Track
from pretend_reaper.project_functions import ProjectFunctions
from pretend_reaper.sound import played


@dataclass(eq=False)
class Accessor:
    """An audio accessor."""

    item: Item
    take: Take
    is_destroyed: bool = False


class Functions(ProjectFunctions):
    """All functions that need no script."""

    def __init__(self, tabs: list[Project]) -> None:
        super().__init__(tabs)
        self.accessors: list[Accessor] = []
        self.unreadable: set[str] = set()

    # ---- items -------------------------------------------------------------------------------

    def CountMediaItems(self, project: Any) -> int:
        return len(self._tab(project).items)

    def GetMediaItem(self, project: Any, index: int) -> Item:
        return self._tab(project).items[index]

    def CountSelectedMediaItems(self, project: Any) -> int:
        return sum(item.selected for item in self._tab(project).items)

    def GetSelectedMediaItem(self, project: Any, index: int) -> Item | None:
        chosen = [item for item in self._tab(project).items if item.selected]
        return chosen[index] if index < len(chosen) else None

    def GetMediaItem_Track(self, item: Item) -> Track:
        return next(t for t in self._project_of(item).tracks if item in t.items)

    def GetMediaItemInfo_Value(self, item: Item, name: str) -> float:
        return item.values[name]

    def SetMediaItemInfo_Value(self, item: Item, name: str, value: float) -> bool:
        self._changed(item)
        assert name != "D_POSITION" or value >= 0, "an item before the project's start"
        assert name in item.values, name
        item.values[name] = float(value)
        return True

    def _text(self, texts: dict[str, str], name: str, text: str, is_set: bool) -> Any:
        assert name in ("GUID", "P_NAME", "P_EXT:ditto", "P_RAZOREDITS"), name
        assert "\n" not in text, "project files keep such a text on one line"
        if is_set:
            texts[name] = text
        return name in texts, texts.get(name, "")

    def GetSetMediaItemInfo_String(self, item: Item, name: str, text: str, is_set: bool) -> Any:
        assert not is_set
        return self._text(item.texts, name, text, is_set)

    def GetSetMediaTrackInfo_String(self, track: Track, name: str, text: str, is_set: bool) -> Any:
        assert not is_set
        return self._text(track.texts, name, text, is_set)

    def UpdateItemInProject(self, item: Item) -> None:
        self._project_of(item)

    # ---- takes -------------------------------------------------------------------------------

    def CountTakes(self, item: Item) -> int:
        return len(item.takes)

    def GetMediaItemTake(self, item: Item, index: int) -> Take | None:
        return item.takes[index] if index < len(item.takes) else None

    def GetActiveTake(self, item: Item) -> Take | None:
        return item.takes[item.active] if item.takes else None

    def SetActiveTake(self, take: Take) -> None:
        self._changed(take)
        item = self._item_of(take)
        item.active = item.takes.index(take)

    def GetMediaItemTakeByGUID(self, project: Any, text: str) -> Take | None:
        takes = (take for item in self._tab(project).items for take in item.takes)
        return next((take for take in takes if take.texts["GUID"] == text), None)

    def AddTakeToMediaItem(self, item: Item) -> Take:
        self._changed(item)
        item.takes.append(Take(None))
        return item.takes[-1]

    def GetTakeName(self, take: Take) -> str:
        return take.texts["P_NAME"]

    def TakeIsMIDI(self, take: Take) -> bool:
        return take.source is None

    def GetSetMediaItemTakeInfo_String(self, take: Take, name: str, text: str, is_set: bool) -> Any:
        if is_set:
            self._changed(take)
        return self._text(take.texts, name, text, is_set)

    def GetMediaItemTakeInfo_Value(self, take: Take, name: str) -> float:
        return take.values[name]

    def SetMediaItemTakeInfo_Value(self, take: Take, name: str, value: float) -> bool:
        self._changed(take)
        assert name in take.values, name
        take.values[name] = float(value)
        return True

    def SetMediaItemTake_Source(self, take: Take, source: Source) -> bool:
        self._changed(take)
        take.source = source
        return True

    def TakeFX_GetCount(self, take: Take) -> int:
        return len(take.effects)

    def TakeFX_CopyToTake(self, old: Take, index: int, new: Take, to: int, is_move: bool) -> None:
        self._changed(new)
        assert not is_move
        new.effects.insert(to, old.effects[index])

    def GetTakeNumStretchMarkers(self, take: Take) -> int:
        return take.stretch_markers

    # ---- media and audio ---------------------------------------------------------------------

    def GetMediaItemTake_Source(self, take: Take) -> Source | None:
        return take.source

    def GetMediaSourceFileName(self, source: Source) -> str:
        return str(source.path)

    def GetMediaSourceLength(self, source: Source) -> Any:
        return len(source.samples) / source.rate, False

    def GetMediaSourceNumChannels(self, source: Source) -> int:
        return 0 if source.is_section else int(source.samples.shape[1])

    def GetMediaSourceSampleRate(self, source: Source) -> int:
        return 0 if source.is_section else source.rate

    def GetMediaSourceParent(self, source: Source) -> Source | None:
        return replace(source, is_section=False) if source.is_section else None

    def PCM_Source_CreateFromFile(self, path: str) -> Source | None:
        if path in self.unreadable or not Path(path).exists():
            return None
        return Source.of(Path(path))

    def CreateTakeAudioAccessor(self, take: Take) -> Accessor:
        self.accessors.append(Accessor(self._item_of(take), take))
        return self.accessors[-1]

    def DestroyAudioAccessor(self, accessor: Accessor) -> None:
        assert not accessor.is_destroyed
        accessor.is_destroyed = True

    def GetAudioAccessorSamples(
        self, accessor: Accessor, rate: int, channels: int, start: float, count: int, _: Any
    ) -> Any:
        source = accessor.take.source
        assert source is not None
        assert not accessor.is_destroyed
        assert rate == source.rate, "REAPER would resample"
        first = start * rate
        assert abs(first - round(first)) < 1e-6, "between two samples"
        read = played(accessor.item, accessor.take, round(first), count)
        assert read.shape[1] == channels
        return 1 if len(read) else 0, read.astype("<f4").tobytes()

    # ---- envelopes ---------------------------------------------------------------------------

    def GetSelectedEnvelope(self, project: Any) -> Envelope | None:
        return self._tab(project).selected_envelope

    def CountTakeEnvelopes(self, take: Take) -> int:
        return len(take.envelopes)

    def GetTakeEnvelope(self, take: Take, index: int) -> Envelope | None:
        return take.envelopes[index]

    def GetTakeEnvelopeByName(self, take: Take, name: str) -> Envelope | None:
        return next((each for each in take.envelopes if each.name == name), None)

    def Envelope_GetParentTake(self, envelope: Envelope) -> Any:
        return self._owner(envelope), None, None

    def Envelope_GetParentTrack(self, envelope: Envelope) -> Any:
        tracks = (track for tab in self.tabs for track in tab.tracks)
        return next((track for track in tracks if envelope in track.envelopes), None), None, None

    def Envelope_Evaluate(self, envelope: Envelope, at: float, _: float, samples: int) -> Any:
        # As the volume envelopes of a default project are: scaled like a fader.
        return samples, _fader(envelope.value(at)), 0.0, 0.0, 0.0

    def GetEnvelopeScalingMode(self, _: Envelope) -> int:
        return 1

    def ScaleFromEnvelopeMode(self, mode: int, value: float) -> float:
        return (value / _FADER) ** 4 if mode == 1 else value

    def GetEnvelopeName(self, envelope: Envelope) -> Any:
        return True, envelope.name

    def GetSetEnvelopeInfo_String(self, envelope: Envelope, name: str, _: str, is_set: bool) -> Any:
        assert not is_set
        assert name == "ACTIVE"
        return True, "1" if envelope.active else "0"

    def CountEnvelopePoints(self, envelope: Envelope) -> int:
        return len(envelope.points)

    def GetEnvelopePoint(self, envelope: Envelope, index: int) -> Any:
        return (True, *envelope.points[index], 0, 0.0, False)

    def SetEnvelopePoint(self, envelope: Envelope, index: int, at: float, *more: Any) -> bool:
        owner = self._owner(envelope)
        assert owner is not None
        self._changed(owner)
        envelope.points[index] = (at, more[0])
        return True

    def Envelope_SortPoints(self, envelope: Envelope) -> bool:
        envelope.points.sort()
        return True


_FADER = 1000.0


def _fader(value: float) -> float:
    return float(_FADER * value**0.25)
