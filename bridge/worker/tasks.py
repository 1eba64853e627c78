"""Wire -> engine: a task becomes a request, the blobs that it names become tensors."""

from typing import Any

import torch

from bridge.blobs import BlobStore
from bridge.worker.noise import noise_from
from engine import controls
from engine.errors import EngineError, InvalidRequestError
from engine.models.music_model import MusicalContext
from engine.requests import Clip, Request, Start
from plugin_protocol.rules import controls_of, kinds_of, tag_of
from plugin_protocol.values import (
    AnyControl,
    AudioRef,
    Generate,
    Inpaint,
    Intensity,
    Kind,
    Loop,
    Melody,
    Outpaint,
    Region,
    Repeat,
    SampleFormat,
    Structure,
    Task,
    TextMatch,
    Vary,
)

DTYPES: dict[SampleFormat, torch.dtype] = {"f32le": torch.float32, "f64le": torch.float64}


class NonFiniteAudioError(EngineError):
    """Audio holds samples that are no numbers."""

    code = "NON_FINITE"


class BlobGoneError(EngineError):
    """A blob was here when the job was accepted, and is not any more."""

    code = "GONE"


def request_from(task: Task, blobs: BlobStore) -> Request:
    """Return the engine's request: one kind, its controls, and the noise to start from."""
    kinds = kinds_of(task)
    if len(kinds) != 1:
        raise InvalidRequestError("A job is of exactly one kind. Send one job for each.")
    (kind,) = kinds
    music = task.music
    return Request(
        task=tag_of(kind),
        prompt=task.prompt,
        seed=task.seed,
        takes=task.takes,
        quality=task.quality,
        context=MusicalContext(bpm=music.bpm, beat_offset=music.beat_offset, key=music.key),
        controls=tuple(_control(name, c, blobs) for name, c in controls_of(task).items()),
        balance=task.balance,
        start=_start(task, blobs),
        **_of_kind(kind),
    )


def clip_from(ref: AudioRef, blobs: BlobStore) -> Clip:
    """Read a clip: (channels, samples) in the precision it was sent in."""
    return Clip(audio=_audio("clip", ref, blobs), sample_rate=ref.sample_rate)


def _of_kind(kind: Kind) -> dict[str, Any]:
    match kind:
        case Generate():
            return {"seconds": kind.seconds}
        case Outpaint():
            return {"seconds": kind.seconds, "side": kind.side, "overlap": kind.overlap}
        case Inpaint():
            return {"regions": tuple(_stretch(region) for region in kind.regions)}
        case Loop():
            return {"seconds": kind.seconds, "overlap": kind.overlap}
        case Vary():
            return {"strength": kind.strength}


def _control(name: str, control: AnyControl, blobs: BlobStore) -> controls.Control:
    shared: dict[str, Any] = {
        "weight": control.weight,
        "region": None if control.region is None else _stretch(control.region),
        "schedule": control.schedule,
    }

    def reference(ref: AudioRef | None) -> controls.Reference | None:
        if ref is None:
            return None
        return controls.Reference(_audio(f"{name} reference", ref, blobs), ref.sample_rate)

    match control:
        case Intensity():
            return controls.Intensity(
                points=control.points,
                reference=reference(control.reference),
                match=control.match,
                **shared,
            )
        case Melody():
            return controls.Melody(
                notes=tuple(controls.Note(n.start, n.end, n.pitch) for n in control.notes),
                reference=reference(control.reference),
                reading=control.reading,
                **shared,
            )
        case Structure():
            return controls.Structure(
                sections=tuple(controls.Section(s.label, s.length) for s in control.sections),
                unit=control.unit,
                reference=reference(control.reference),
                **shared,
            )
        case Repeat():
            return controls.Repeat(period=control.period, unit=control.unit, **shared)
        case TextMatch():
            return controls.TextMatch(description=control.description, **shared)


def _start(task: Task, blobs: BlobStore) -> Start | None:
    if task.start is None:
        return None
    data = _read("noise to start from", task.start.noise, blobs)
    return Start(noise=noise_from(data), mode=task.start.mode)


def _stretch(region: Region) -> tuple[float, float]:
    return region.start, region.end


def _audio(name: str, ref: AudioRef, blobs: BlobStore) -> torch.Tensor:
    data = bytearray(_read(name, ref.sha, blobs))  # torch wants memory that may be written to
    audio = torch.frombuffer(data, dtype=DTYPES[ref.format]).reshape(ref.channels, ref.frames)
    if not audio.isfinite().all():
        raise NonFiniteAudioError(
            f"The {name} contains samples that are infinite or not a number. Export it again."
        )
    return audio


def _read(name: str, sha: bytes, blobs: BlobStore) -> bytes:
    try:
        return blobs.read(sha)
    except FileNotFoundError as error:
        raise BlobGoneError(
            f"The {name} was removed from the daemon's folder. Send it again with a new job."
        ) from error
