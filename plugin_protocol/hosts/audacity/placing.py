"""New music, put where it belongs: one step to undo, and nothing else in the project changes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from . import float_wav
from .job_folder import Job, Place
from .project import Project, Track


def put(project: Project, job: Job) -> str:
    """Put a job's next take into the project and say where it is."""
    takes, place = job.takes(), job.place
    shown = Path(place.file)
    path = takes[takes.index(shown) + 1 if shown in takes else 0]
    track = project.named(place.track, place.channels, place.rate)
    if track is None:
        project.add(path)
        where = f"on a new track: no track '{place.track}' of its form is open"
    else:
        place.put = _put(project, track, place, path)
        where = f"at {place.put / place.rate:.3f} s of '{place.track}'"
    place.file = str(path)
    job.place = place
    job.ask("taken")
    return f"{job.done()['message']}; {where}."


def has_another(job: Job) -> bool:
    """Whether the job has a take that was not put yet."""
    return Path(job.place.file) != job.takes()[-1]


def _put(project: Project, track: Track, place: Place, path: Path) -> int:
    """Return where it was put."""
    frames = float_wav.read(path).frames
    if place.where != "over" and _is_there(project, track, place):
        at = place.put
    else:
        at = place.at - frames if place.where == "before" else place.at
        if place.where != "over" and not track.is_free(at, at + frames):
            project.insert(track, place.at, path)
            return place.at
    project.replace(track, at, at + frames, path)
    return at


def _is_there(project: Project, track: Track, place: Place) -> bool:
    """Whether an earlier take is where it was put, and was not undone."""
    if place.put < 0 or not place.file:
        return False
    with tempfile.TemporaryDirectory() as folder:
        now, then = Path(folder) / "now.wav", Path(place.file)
        earlier = float_wav.read(then)
        project.save(track, place.put, place.put + earlier.frames, now)
        return float_wav.read(now).samples == earlier.samples
