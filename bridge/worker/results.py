"""Engine -> wire: what a job made becomes blobs, numbers and plots that fit into one header."""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from bridge.blobs import BlobStore
from bridge.worker.noise import noise_blob
from bridge.worker.tasks import DTYPES
from engine.models.music_model import MusicalContext
from engine.results import MeasuredCurve as EngineCurve
from engine.results import MeasuredMatrix as EngineMatrix
from engine.results import TakeResult, TaskResult
from engine.shapes import Matrix
from plugin_protocol.values import (
    MATRIX_SIZE,
    AudioRef,
    MeasuredCurve,
    MeasuredMatrix,
    Music,
    Result,
    SampleFormat,
    Span,
    Take,
)

TEXT_CHARACTERS = 200
POINTS_PER_CURVE = 512
POINTS_IN_ALL = 1400
"""Three numbers of nine bytes each per point: all curves of a result fit into one header."""
MATRIX_BYTES_IN_ALL = 14 * 1024
"""What of the header is the matrices'."""


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
        _take(take, result.sample_rate, blobs=blobs, sample_format=sample_format)
        for take in result.takes
    )
    return Result(
        takes=takes,
        new=tuple(Span(start=start, end=end) for start, end in result.new),
        clip_start=result.clip_start,
        music=_music(result.context),
        recognized={short(k): short(v) for k, v in result.recognized.items()},
        curves=_curves(result.curves),
        matrices=_matrices(result.matrices),
    )


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """Return the entries that are numbers."""
    return {short(name): value for name, value in values.items() if math.isfinite(value)}


def short(text: str) -> str:
    """Return as much of the text as the wire carries."""
    return text[:TEXT_CHARACTERS]


def _take(
    take: TakeResult, sample_rate: int, *, blobs: BlobStore, sample_format: SampleFormat
) -> Take:
    noise = noise_blob(take.noise)
    return Take(
        seed=take.seed,
        audio=store_audio(
            take.audio, sample_rate=sample_rate, blobs=blobs, sample_format=sample_format
        ),
        losses=finite(take.losses),
        first_losses=finite(take.first_losses),
        iterations=take.iterations,
        stopped=short(take.stopped),
        noise=None if noise is None else blobs.write(noise),
    )


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


def _matrices(matrices: Sequence[EngineMatrix]) -> tuple[MeasuredMatrix, ...]:
    room = math.isqrt(MATRIX_BYTES_IN_ALL // (2 * max(1, len(matrices))))
    return tuple(_matrix(matrix, min(MATRIX_SIZE, room)) for matrix in matrices)


def _matrix(matrix: EngineMatrix, largest: int) -> MeasuredMatrix:
    size = min(largest, matrix.target.shape[-1])
    return MeasuredMatrix(
        name=short(matrix.name),
        take=matrix.take,
        size=size,
        seconds=matrix.seconds,
        target=_as_bytes(matrix.target, size),
        measured=_as_bytes(matrix.measured, size),
    )


def _as_bytes(matrix: Matrix, size: int) -> bytes:
    """Return (size, size) means of the matrix, row by row: a byte b means b / 127.5 - 1."""
    means = adaptive_avg_pool2d(matrix.detach().to("cpu", torch.float32)[None], size)
    steps = ((means.nan_to_num() + 1) * 127.5).round().clamp(0, 255)
    return steps.to(torch.uint8).numpy().tobytes()
