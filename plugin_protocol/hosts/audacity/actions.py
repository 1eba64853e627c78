"""What a producer can have made of a selection: each action writes a job and begins it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import float_wav, job_folder
from .audacity_pipe import AudacityError
from .job_folder import Job, Place
from .project import Project, Track
from .settings import Settings

# What Continue and Lead In hear of the clip, in seconds.
_REACH = 12.0


def fill(project: Project, settings: Settings) -> Job:
    """Make the selection anew."""
    track = _stretch(project)
    job, start, _ = _with_handles(project, track, settings, "fill")
    regions = [{"start": start, "end": start + _seconds(track)}]
    request = job_folder.request(
        f"Fill selection, {track.name}", settings, 0, {"kind": "inpaint", "regions": regions}
    )
    job.begin(request)
    return job


def continue_after(project: Project, settings: Settings) -> Job:
    """Make more music at the end of the clip in which the selection ends."""
    track = _one(project)
    earlier = [clip for clip in track.clips if clip[0] < max(track.end, track.start + 1)]
    if not earlier:
        raise AudacityError("There is no clip to continue here. Select the end of one.")
    start, end = max(earlier)
    start = max(start, end - round(_REACH * track.rate))
    return _outpaint(project, track, settings, (start, end), "after")


def lead_in(project: Project, settings: Settings) -> Job:
    """Make music that leads into the clip in which the selection begins."""
    track = _one(project)
    later = [clip for clip in track.clips if clip[1] > track.start]
    if not later:
        raise AudacityError("There is no clip to lead into here. Select the beginning of one.")
    start, end = min(later)
    end = min(end, start + round(_REACH * track.rate))
    return _outpaint(project, track, settings, (start, end), "before")


def make_loop(project: Project, settings: Settings) -> Job:
    """Make a bridge from the selection's end to its beginning."""
    track = _stretch(project)
    place = _place(track, track.start, track.end, "after")
    job = _with_clip(project, track, "loop", place, track.end)
    job.begin(job_folder.request(f"Loop, {track.name}", settings, 0, {"kind": "loop"}))
    return job


def reshape(project: Project, settings: Settings) -> Job:
    """Play the selection anew, as loud over time as the envelope drawn on it says."""
    track = _stretch(project)
    envelope = project.envelope(track)
    span = (track.start / track.rate, track.end / track.rate)
    if not envelope.is_drawn(*span):
        raise AudacityError(
            "No envelope is drawn on the selection. Draw one with the Envelope Tool (F2)."
        )
    job, start, _ = _with_handles(project, track, settings, "reshape", keeps_envelope=True)
    points = [[start + time, level] for time, level in envelope.decibels(*span)]
    region = {"start": start, "end": start + _seconds(track)}
    curve = {"kind": "intensity", "points": points, "match": "gain", "region": region}
    _vary(job, f"Reshape, {track.name}", settings, region, curve)
    return job


def structure(project: Project, settings: Settings) -> Job:
    """Play the selection anew with the form that its labels name: equal names sound alike."""
    track = _stretch(project)
    begin, end = track.start / track.rate, track.end / track.rate
    labels = [(at, name) for at, name in project.labels(begin, end) if name]
    if len(labels) < 2:
        raise AudacityError(
            "There are fewer than two labels with a name in the selection. Put one where each "
            "section begins (Ctrl+B): A, B, A."
        )
    job, start, whole = _with_handles(project, track, settings, "structure")
    edges = [max(at - begin, 0.0) + start for at, _ in labels] + [start + end - begin]
    names = ["", *(name for _, name in labels), ""]
    lengths = [later - earlier for earlier, later in zip([0.0, *edges], [*edges, whole])]
    sections = [[name, length] for name, length in zip(names, lengths) if length > 0]
    form = {"kind": "structure", "sections": sections}
    region = {"start": start, "end": start + end - begin}
    _vary(job, f"Structure, {track.name}", settings, region, form)
    return job


def melody(project: Project, settings: Settings) -> Job:
    """Play the selection in the upper track anew, with the tune of the one in the lower track."""
    tracks = project.selected()
    if len(tracks) != 2 or tracks[0].start == tracks[0].end:
        raise AudacityError(
            "Select the same stretch in two tracks: the upper is played anew, with the tune of "
            "the lower."
        )
    track, tune = tracks
    job, start, whole = _with_handles(project, track, settings, "melody")
    first = round(track.start / track.rate * tune.rate - start * tune.rate)
    project.save(tune, first, first + round(whole * tune.rate), job.folder / "melody.wav")
    project.select([track], track.start, track.end)
    follow = {"kind": "melody", "reference": {"path": "melody.wav"}, "reading": "lead"}
    region = {"start": start, "end": start + _seconds(track)}
    _vary(job, f"Melody of {tune.name}, {track.name}", settings, region, follow)
    return job


ACTIONS = {
    "fill": fill,
    "continue": continue_after,
    "lead-in": lead_in,
    "loop": make_loop,
    "reshape": reshape,
    "structure": structure,
    "melody": melody,
}


def another(job: Job) -> Job:
    """Begin the same again with the next seed."""
    fresh, request, place = Job.new("another"), job.request, job.place
    request["spec"]["seed"] += request["spec"]["takes"]
    for path in job.folder.glob("*.wav"):
        if not path.name.startswith("result"):
            (fresh.folder / path.name).write_bytes(path.read_bytes())
    fresh.place = place
    fresh.begin(request)
    return fresh


def _one(project: Project) -> Track:
    tracks = project.selected()
    if len(tracks) > 1:
        raise AudacityError(f"{len(tracks)} tracks are selected. Select audio in one of them.")
    return tracks[0]


def _stretch(project: Project) -> Track:
    track = _one(project)
    if track.start == track.end:
        raise AudacityError("Only a point is selected. Drag over the stretch that you mean.")
    if not track.clips:
        raise AudacityError(f"There is no audio in '{track.name}'. Select some in another track.")
    return track


def _seconds(track: Track) -> float:
    return (track.end - track.start) / track.rate


def _place(track: Track, clip: int, at: int, where: str) -> Place:
    return Place(track.name, track.channels, track.rate, clip, at, where)


def _with_clip(project: Project, track: Track, action: str, place: Place, end: int) -> Job:
    """Return a job with its place and the clip up to `end`, as it is heard."""
    job = Job.new(action)
    _save(project, track, (place.clip, end), job.folder / "clip.wav")
    job.place = place
    project.select([track], track.start, track.end)
    return job


def _with_handles(
    project: Project,
    track: Track,
    settings: Settings,
    action: str,
    *,
    keeps_envelope: bool = False,
) -> tuple[Job, float, float]:
    """Return a job for the selection, where in the clip it begins, and the clip's length."""
    handle = round(settings.handles * track.rate)
    first = min(max(min(s for s, _ in track.clips), track.start - handle), track.start)
    last = max(min(max(e for _, e in track.clips), track.end + handle), track.end)
    job = Job.new(action)
    raw = (track.start, track.end) if keeps_envelope else None
    _save(project, track, (first, last), job.folder / "clip.wav", raw)
    job.place = _place(track, first, track.start, "over")
    project.select([track], track.start, track.end)
    return job, (track.start - first) / track.rate, (last - first) / track.rate


def _save(
    project: Project,
    track: Track,
    span: tuple[int, int],
    path: Path,
    raw: tuple[int, int] | None = None,
) -> None:
    project.save(track, *span, path)
    envelope = project.envelope(track)
    if envelope.is_drawn(span[0] / track.rate, span[1] / track.rate):
        sound = float_wav.read(path)
        # Up to where the new music has faded in, what is around it is heard.
        fade = 0.01
        inside = raw and (raw[0] / track.rate + fade, raw[1] / track.rate - fade)
        envelope.bake(sound, span[0] / track.rate, inside)
        float_wav.write(path, sound)


def _outpaint(
    project: Project, track: Track, settings: Settings, span: tuple[int, int], side: str
) -> Job:
    at = span[1] if side == "after" else span[0]
    action = "continue" if side == "after" else "lead-in"
    job = _with_clip(project, track, action, _place(track, span[0], at, side), span[1])
    wanted = {"kind": "outpaint", "seconds": settings.seconds, "side": side}
    job.begin(job_folder.request(f"{action}, {track.name}", settings, 0, wanted))
    return job


def _vary(
    job: Job, title: str, settings: Settings, region: dict[str, float], control: dict[str, Any]
) -> None:
    wanted = {"kind": "vary", "strength": settings.strength}
    more = {"controls": [control], "within": region}
    job.begin(job_folder.request(title, settings, 0, wanted, **more))
