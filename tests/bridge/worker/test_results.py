"""What a job made, on its way to the wire."""

from pathlib import Path

import torch

from bridge.blobs import BlobStore
from bridge.pipe import Finished, require_sendable
from bridge.worker.noise import noise_from
from bridge.worker.results import result_from
from engine.models.music_model import MusicalContext
from engine.results import MeasuredCurve, MeasuredMatrix, TakeResult, TaskResult
from engine.shapes import Matrix, Noise
from plugin_protocol.values import Result


def stored(blobs: BlobStore, *matrices: MeasuredMatrix, noise: tuple[Noise, ...] = ()) -> Result:
    take = TakeResult(0, torch.zeros(1, 9), {}, {}, 5, "finish", noise)
    result = TaskResult((take,), ((0, 9),), 0, 8000, MusicalContext(), {}, (), matrices)
    return result_from(result, blobs=blobs, sample_format="f32le")


def structure(target: Matrix, measured: Matrix, take: int = 0) -> MeasuredMatrix:
    return MeasuredMatrix("structure", take, (0.0, 4.0), target, measured)


def values(data: bytes) -> torch.Tensor:
    """Return what PROTOCOL.md says the bytes mean."""
    return torch.tensor(list(data)) / 127.5 - 1


def test_a_result_with_many_long_curves_and_matrices_still_fits_into_a_header(
    tmp_path: Path,
) -> None:
    times = tuple(i / 7 for i in range(5000))
    losses = dict.fromkeys(("overlap", "intensity", "melody", "structure", "text"), 1 / 3)
    curves = tuple(MeasuredCurve("x" * 300, "dB", i, times, times, times) for i in range(24))
    takes = tuple(TakeResult(i, torch.zeros(1, 9), losses, losses, 5, "finish") for i in range(8))
    matrices = tuple(structure(torch.eye(300), torch.eye(300), i) for i in range(8))
    context = MusicalContext(bpm=7.0)  # too slow for the wire, so it is left out
    engine_result = TaskResult(takes, ((0, 9),), 0, 8000, context, {}, curves, matrices)
    result = result_from(engine_result, blobs=BlobStore(tmp_path), sample_format="f32le")
    require_sendable(Finished(job="job", result=result))
    assert (result.curves[0].seconds[0], result.curves[0].seconds[-1]) == (times[0], times[-1])
    assert result.music.bpm is None


def test_a_small_matrix_arrives_to_half_a_step(tmp_path: Path) -> None:
    target, measured = torch.rand(5, 5) * 2 - 1, torch.eye(5)
    (matrix,) = stored(BlobStore(tmp_path), structure(target, measured)).matrices
    assert (matrix.name, matrix.size, matrix.seconds) == ("structure", 5, (0.0, 4.0))
    assert torch.allclose(values(matrix.target), target.flatten(), rtol=0, atol=1 / 255 + 1e-6)
    assert values(matrix.measured).round(decimals=1).tolist()[:2] == [1.0, 0.0]


def test_a_large_matrix_arrives_as_means(tmp_path: Path) -> None:
    blocks = torch.rand(64, 64).round() * 2 - 1
    large = blocks.repeat_interleave(3, 0).repeat_interleave(3, 1)
    (matrix,) = stored(BlobStore(tmp_path), structure(large, -large)).matrices
    assert matrix.size == 64
    assert values(matrix.target).equal(blocks.flatten())
    assert values(matrix.measured).equal(-blocks.flatten())


def test_the_noise_of_a_take_is_kept_bit_by_bit(tmp_path: Path) -> None:
    blobs, both = BlobStore(tmp_path), torch.randn(2, 4, 7)
    noise = (both[:1], both[1:].transpose(1, 2))
    (take,) = stored(blobs, noise=noise).takes
    assert take.noise is not None
    back = noise_from(blobs.read(take.noise))
    assert all(x.equal(y) for x, y in zip(back, noise, strict=True))


def test_a_take_without_noise_names_none(tmp_path: Path) -> None:
    assert stored(BlobStore(tmp_path)).takes[0].noise is None
