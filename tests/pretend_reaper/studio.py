"""A pretend REAPER with one saved project: a track with an item of noise."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from pretend_reaper.machine import Reaper
from pretend_reaper.model import Item, Project, Source, Take, Track, item

SCRIPTS = Path(__file__).parents[2] / "plugin_protocol" / "hosts" / "reaper"
RATE = 8000
"""Of the noise. Low, so that tests are quick."""


def noise(path: Path, seconds: float, *, channels: int = 2, seed: int = 0) -> Source:
    """Write a file of noise and return it as media."""
    made = np.random.default_rng(seed).uniform(-0.5, 0.5, (round(seconds * RATE), channels))
    soundfile.write(path, made.astype(np.float32), RATE, subtype="FLOAT")
    return Source.of(path)


@dataclass
class Studio:
    """REAPER, its project in `folder`, and the item that is selected in it: 4 s from second 10."""

    reaper: Reaper
    project: Project
    folder: Path

    @staticmethod
    def of(folder: Path, source: Source) -> "Studio":
        """Open one."""
        project = Project(str(folder / "song.rpp"), [Track([item(source, 10.0, "Guitar")])])
        return Studio(Reaper(SCRIPTS, project), project, folder)

    @property
    def item(self) -> Item:
        """The first item. Undo makes it another object."""
        return self.project.tracks[0].items[0]

    @property
    def take(self) -> Take:
        """Its active take."""
        return self.item.takes[self.item.active]

    @property
    def jobs(self) -> list[Path]:
        """The job folders, oldest first."""
        return sorted((self.folder / "ditto").iterdir())

    def asked(self, job: int = -1) -> dict[str, Any]:
        """Return job.json's spec."""
        spec: dict[str, Any] = json.loads((self.jobs[job] / "job.json").read_text())["spec"]
        return spec

    def set(self, name: str, value: object) -> None:
        """Keep a setting in the project."""
        self.project.ext["ditto", name] = str(value)

    def restart(self) -> Reaper:
        """Kill REAPER and start it again with the same project."""
        self.reaper.kill()
        again = Reaper(SCRIPTS, self.project)
        again.processes = self.reaper.processes
        self.reaper = again
        return again
