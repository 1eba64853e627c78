"""One job: a folder with the clip and the request, worked on by `ditto job`.

Besides what JOB_FOLDERS.md says there is place.json in it: where the music belongs.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from time import localtime, strftime
from typing import Any

from .settings import Settings, jobs_folder

DITTO = "@DITTO@"


class JobError(Exception):
    """A job did not come about or has no result. The message is for the producer."""


@dataclass
class Place:
    """Where music belongs: in samples of the track's rate, counted from the project's beginning.

    `where` is "over", from `at` on in the place of what is there, or "after" or "before" `at`.
    `clip` is where the clip that was sent begins.
    """

    track: str
    channels: int
    rate: int
    clip: int
    at: int
    where: str
    put: int = -1  # where it was put, once it was
    file: str = ""  # which take that was


class Job:
    """A job's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def new(cls, action: str) -> Job:
        """Make an empty folder."""
        name = f"{strftime('%Y%m%d-%H%M%S', localtime())}-{action}"
        for number in range(1, 100):
            folder = jobs_folder() / (name if number == 1 else f"{name}-{number}")
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                continue
            return cls(folder)
        raise JobError(f"{jobs_folder()} is full of folders named {name}. Move some away.")

    @property
    def place(self) -> Place:
        """Where the music belongs."""
        return Place(**self._read("place.json"))

    @place.setter
    def place(self, place: Place) -> None:
        self._write("place.json", asdict(place))

    @property
    def request(self) -> dict[str, Any]:
        """What job.json says."""
        return self._read("job.json")

    def begin(self, request: dict[str, Any]) -> None:
        """Write the request and have it carried out. Raises JobError."""
        self._write("job.json", request)
        self.go_on()

    def go_on(self) -> None:
        """Start `ditto job`, which returns at once. Raises JobError."""
        _ditto("job", str(self.folder))

    def ask(self, word: str) -> None:
        """Write the empty file `cancel`, `finish` or `taken`."""
        (self.folder / word).touch()

    @property
    def is_over(self) -> bool:
        """Whether there is a result, or there will be none."""
        return any((self.folder / name).exists() for name in ("done.json", "failed.json"))

    def message(self) -> str:
        """Say how far it is."""
        try:
            return str(self._read("progress.json")["message"])
        except (OSError, ValueError, KeyError):
            return "starting"

    def done(self) -> dict[str, Any]:
        """Return what done.json says. Raises JobError with the reason where it failed."""
        if not (self.folder / "done.json").exists():
            raise JobError(str(self._read("failed.json")["message"]))
        return self._read("done.json")

    def takes(self) -> list[Path]:
        """Return the files of the takes."""
        return [self.folder / take["file"] for take in self.done()["takes"]]

    def _read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def _write(self, name: str, content: Any) -> None:
        fresh = self.folder / f".{name}.new"
        fresh.write_text(json.dumps(content, indent=1), encoding="utf-8")
        fresh.replace(self.folder / name)


def known_jobs() -> list[tuple[str, Job]]:
    """Return the state of each job, as `ditto job --list` says it, the oldest first."""
    if not jobs_folder().is_dir():
        return []
    lines = [line.partition("\t") for line in _ditto("job", str(jobs_folder()), "--list")]
    jobs = [(state, Job(Path(path))) for state, _, path in lines if state]
    return sorted(jobs, key=lambda each: each[1].folder.name)


def last_job() -> Job:
    """Return the newest job that music came of. Raises JobError."""
    if not (folders := sorted(path.parent for path in jobs_folder().glob("*/done.json"))):
        raise JobError("There is no earlier music to make another take of.")
    return Job(folders[-1])


def request(title: str, settings: Settings, seed: int, job: object, **more: Any) -> dict[str, Any]:
    """Return a request for new music; `more` are members of the spec."""
    within = {"within": more.pop("within")} if "within" in more else {}
    spec = {
        "schema": "ditto-spec/1",
        "job": job,
        "clip": {"path": "clip.wav"},
        "prompt": settings.prompt,
        "seed": seed,
        "takes": settings.takes,
        "quality": settings.quality,
        "model": settings.model,
    }
    return {
        "schema": "ditto-job/1",
        "deliver": "new",
        "title": title,
        "spec": {**spec, **more},
        **within,
    }


def _ditto(*words: str) -> list[str]:
    command = os.environ.get("DITTO_COMMAND") or DITTO
    try:
        ran = subprocess.run(
            [command, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except FileNotFoundError:
        raise JobError(
            f"There is no DITTO at {command}. Run `ditto hosts install audacity` once more."
        ) from None
    except subprocess.TimeoutExpired:
        raise JobError("DITTO does not answer. `ditto doctor` in a terminal says why.") from None
    if ran.returncode != 0:
        raise JobError(ran.stderr.strip() or f"`ditto {words[0]}` failed.")
    return ran.stdout.splitlines()
