# ruff: noqa: N802 - the functions have the names that REAPER gives them.
"""What the functions of projects, of time and of files do to the model, as they are documented."""

import itertools
import math
import os
import time
from pathlib import Path
from typing import Any

from pretend_reaper.model import Envelope, Item, Project, Take, guid


class ProjectFunctions:
    """The functions that need no script. `tabs` are the open projects, `front` the one shown."""

    def __init__(self, tabs: list[Project]) -> None:
        self.tabs, self.front = tabs, tabs[0]
        self.session: dict[tuple[str, str], str] = {}
        self.commands: list[int] = []
        self.seconds_ahead = 0.0
        self.seconds_each_look = 0.0
        self.resources = Path("/nowhere")
        self.prevented = 0

    # ---- finding things in the model ---------------------------------------------------------

    def _tab(self, project: Project | int) -> Project:
        return self.front if isinstance(project, int) else project

    def _project_of(self, thing: Item | Take) -> Project:
        for tab in self.tabs:
            if any(thing is each or thing in each.takes for each in tab.items):
                return tab
        raise AssertionError("a pointer to what is no longer in any project")

    def _item_of(self, take: Take) -> Item:
        return next(i for tab in self.tabs for i in tab.items if take in i.takes)

    def _owner(self, envelope: Envelope) -> Take | None:
        takes = (t for tab in self.tabs for i in tab.items for t in i.takes)
        return next((take for take in takes if envelope in take.envelopes), None)

    def _changed(self, thing: Item | Take) -> None:
        assert self._project_of(thing).before is not None, "a change outside of an undo block"

    # ---- projects ----------------------------------------------------------------------------

    def EnumProjects(self, index: int) -> Any:
        if index == -1:
            return self.front, self.front.file
        return (self.tabs[index], self.tabs[index].file) if index < len(self.tabs) else (None, None)

    def ValidatePtr2(self, project: Any, pointer: Any, kind: str) -> bool:
        there: dict[str, list[Any]] = {
            "ReaProject*": list(self.tabs),
            "MediaItem_Take*": [t for i in self._tab(project).items for t in i.takes],
        }
        return any(pointer is each for each in there[kind])

    def GetProjExtState(self, project: Any, section: str, key: str) -> Any:
        text = self._tab(project).ext.get((section, key), "")
        return len(text), text

    def SetProjExtState(self, project: Any, section: str, key: str, value: str) -> int:
        self._tab(project).ext[section, key] = value
        return len(value)

    def GetExtState(self, section: str, key: str) -> str:
        return self.session.get((section, key), "")

    def SetExtState(self, section: str, key: str, value: str, persist: bool) -> None:
        assert not persist
        self.session[section, key] = value

    def GetSet_LoopTimeRange2(self, project: Any, is_set: bool, *_: Any) -> Any:
        assert not is_set
        return self._tab(project).selection

    def TimeMap_GetTimeSigAtTime(self, project: Any, _: float) -> Any:
        tab = self._tab(project)
        return (*tab.meter, tab.bpm)

    def _bar(self, tab: Project) -> float:
        beats, unit = tab.meter
        return beats * 4 / unit * 60 / tab.bpm

    def TimeMap2_timeToBeats(self, project: Any, position: float) -> Any:
        tab = self._tab(project)
        measure = math.floor(position / self._bar(tab) + 1e-9)
        beat = (position / self._bar(tab) - measure) * tab.meter[0]
        return beat, measure, tab.meter[0], position * tab.bpm / 60, tab.meter[1]

    def TimeMap2_beatsToTime(self, project: Any, position: float, measure: int | None) -> float:
        tab = self._tab(project)
        return (measure or 0) * self._bar(tab) + position * self._bar(tab) / tab.meter[0]

    def CountProjectMarkers(self, project: Any) -> Any:
        marks = self._tab(project).marks
        regions = sum(mark.stop is not None for mark in marks)
        return len(marks), len(marks) - regions, regions

    def EnumProjectMarkers3(self, project: Any, index: int) -> Any:
        mark = self._tab(project).marks[index]
        return index + 1, mark.stop is not None, mark.start, mark.stop or 0.0, mark.name, index, 0

    def Undo_BeginBlock2(self, project: Any) -> None:
        self._tab(project).begin()

    def Undo_EndBlock2(self, project: Any, name: str, flags: int) -> None:
        assert flags & 4, "items were changed"
        self._tab(project).end(name)

    # ---- the rest ----------------------------------------------------------------------------

    def GetOS(self) -> str:
        return "Other"

    def GetResourcePath(self) -> str:
        return str(self.resources)

    def genGuid(self, _: str) -> str:
        return guid()

    def time_precise(self) -> float:
        self.seconds_ahead += self.seconds_each_look
        return time.perf_counter() + self.seconds_ahead

    def file_exists(self, path: str) -> bool:
        return Path(path).is_file()

    def RecursiveCreateDirectory(self, path: str, _: int) -> int:
        Path(path).mkdir(parents=True, exist_ok=True)
        return 1

    def EnumerateSubdirectories(self, path: str, index: int) -> str | None:
        inside = (
            sorted(e.name for e in os.scandir(path) if e.is_dir()) if Path(path).is_dir() else []
        )
        return next(itertools.islice(inside, index, None), None) if index >= 0 else None

    def PreventUIRefresh(self, change: int) -> None:
        self.prevented += change

    def UpdateArrange(self) -> None:
        assert self.prevented == 0

    def Main_OnCommandEx(self, command: int, flag: int, _: Any) -> None:
        assert flag == 0
        self.commands.append(command)
