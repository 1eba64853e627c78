"""Wire values <-> engine values: tasks into requests, blobs into tensors, results back."""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from bridge.blobs import BlobStore
from engine.errors import EngineError, InvalidRequestError
from engine.models.music_model import MusicalContext
from engine.tasks import Clip, Request, TaskResult
from engine.tasks import MeasuredCurve as EngineCurve
from plugin_protocol.values import (
    AudioRef,
    Inpaint,
    Loop,
    MeasuredCurve,
    Music,
    Outpaint,
    Result,
    SampleFormat,
    Span,
    Take,
    Task,
)

DTYPES: dict[SampleFormat, torch.dtype] = {"f32le": torch.float32, "f64le": torch.float64}
TEXT_CHARACTERS = 200
POINTS_PER_CURVE = 512
POINTS_IN_ALL = 1500
"""Three numbers of nine bytes each per point: all curves of a result fit into one header."""


class NonFiniteAudioError(EngineError):
    """The clip holds samples that are no numbers."""

    code = "NON_FINITE"


class ClipGoneError(EngineError):
    """The clip was here when the job was accepted, and is not any more."""

    code = "GONE"


def request_from(task: Task) -> Request:
    """Return the engine's request for a task with one objective."""
    if len(task.objectives) != 1:
        raise InvalidRequestError("A job has one objective. Send one job for each.")
    (objective,) = task.objectives
    music = task.music
    request = {
        "task": str(objective.__struct_config__.tag),
        "prompt": task.prompt,
        "seed": task.seed,
        "takes": task.takes,
        "quality": task.quality,
        "context": MusicalContext(bpm=music.bpm, beat_offset=music.beat_offset, key=music.key),
    }
    match objective:
        case Outpaint():
            request |= {
                "seconds": objective.seconds,
                "side": objective.side,
                "overlap": objective.overlap,
            }
        case Inpaint():
            request |= {"regions": tuple((r.start, r.end) for r in objective.regions)}
        case Loop():
            request |= {"seconds": objective.seconds, "overlap": objective.overlap}
        case _:
            request |= {"seconds": objective.seconds}
    return Request(**request)  # type: ignore[arg-type]


def clip_from(ref: AudioRef, blobs: BlobStore) -> Clip:
    """Read a clip: (channels, samples) in the precision it was sent in."""
    try:
        data = bytearray(blobs.read(ref.sha))  # torch wants memory that may be written to
    except FileNotFoundError as error:
        raise ClipGoneError(
            "The clip was removed from the daemon's folder. Send it again with a new job."
        ) from error
    audio = torch.frombuffer(data, dtype=DTYPES[ref.format]).reshape(ref.channels, ref.frames)
    if not audio.isfinite().all():
        raise NonFiniteAudioError(
            "The clip contains samples that are infinite or not a number. Export it again."
        )
    return Clip(audio=audio, sample_rate=ref.sample_rate)


def store_audio(
    audio: Tensor, *, sample_rate: int, blobs: BlobStore, sample_format: SampleFormat
) -> AudioRef:
    """Store (channels, samples) as a planar blob and return its reference."""
    planar = audio.detach().to("cpu", DTYPES[sample_format]).contiguous()
    channels, frames = planar.shape
    return AudioRef(
        sha=blobs.write(planar.numpy().tobytes()),
        format=sample_format,
        sample_rate=sample_rate,
        channels=channels,
        frames=frames,
    )


def result_from(result: TaskResult, *, blobs: BlobStore, sample_format: SampleFormat) -> Result:
    """Store the takes' audio and return what the client is told."""
    takes = tuple(
        Take(
            seed=take.seed,
            audio=store_audio(
                take.audio,
                sample_rate=result.sample_rate,
                blobs=blobs,
                sample_format=sample_format,
            ),
            losses=finite(take.losses),
            first_losses=finite(take.first_losses),
            iterations=take.iterations,
            stopped=short(take.stopped),
        )
        for take in result.takes
    )
    return Result(
        takes=takes,
        new=tuple(Span(start=start, end=end) for start, end in result.new),
        clip_start=result.clip_start,
        music=_music(result.context),
        recognized={short(k): short(v) for k, v in result.recognized.items()},
        curves=_curves(result.curves),
    )


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """Return the entries that are numbers."""
    return {short(name): value for name, value in values.items() if math.isfinite(value)}


def short(text: str) -> str:
    """Return as much of the text as the wire carries."""
    return text[:TEXT_CHARACTERS]


def _music(context: MusicalContext) -> Music:
    bpm = context.bpm if context.bpm is not None and 20 <= context.bpm <= 400 else None
    return Music(bpm=bpm, beat_offset=context.beat_offset, key=context.key)


def _curves(curves: Sequence[EngineCurve]) -> tuple[MeasuredCurve, ...]:
    points = min(POINTS_PER_CURVE, POINTS_IN_ALL // max(1, len(curves)))
    return tuple(
        MeasuredCurve(
            name=short(curve.name),
            unit=short(curve.unit),
            take=curve.take,
            seconds=_thinned(curve.seconds, points),
            target=_thinned(curve.target, points),
            measured=_thinned(curve.measured, points),
        )
        for curve in curves
    )


def _thinned(values: Sequence[float], points: int) -> tuple[float, ...]:
    """Return at most `points` of the values, evenly spaced, the first and the last among them."""
    if len(values) <= points:
        return tuple(values)
    last = len(values) - 1
    return tuple(values[round(i * last / (points - 1))] for i in range(points))
