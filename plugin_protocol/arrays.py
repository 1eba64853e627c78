"""Audio as NumPy arrays, where NumPy is there; nothing else in this package asks for it.

::

    samples (channels, frames), float32 or float64, full scale 1  <->  a blob and its AudioRef
"""

from typing import TYPE_CHECKING, Any

from .values import AudioRef, SampleFormat

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

FORMATS: dict[str, SampleFormat] = {"<f4": "f32le", "<f8": "f64le"}
DTYPES = {name: dtype for dtype, name in FORMATS.items()}


def as_blob(samples: "NDArray[numpy.floating[Any]]") -> memoryview:
    """Return the bytes to upload for samples of shape (channels, frames) or (frames,).

    A view where the samples lie in memory as the wire has them, else a copy. Float16 becomes
    float32. Raises ValueError for integers, whose full scale is not 1, and for other shapes.
    """
    import numpy

    if samples.dtype.kind != "f" or samples.ndim not in (1, 2):
        raise ValueError(
            "Audio is an array of floats, (channels, frames) or (frames,); got "
            f"{samples.dtype} of shape {samples.shape}. Divide integers by their full scale."
        )
    wide = "<f8" if samples.dtype.itemsize > 4 else "<f4"
    return numpy.ascontiguousarray(samples, dtype=wide).data.cast("B")


def reference(samples: "NDArray[numpy.floating[Any]]", sha: bytes, *, sample_rate: int) -> AudioRef:
    """Return what a task says about samples that were uploaded as `as_blob` gave them."""
    return AudioRef(
        sha=sha,
        format="f64le" if samples.dtype.itemsize > 4 else "f32le",
        sample_rate=sample_rate,
        channels=1 if samples.ndim == 1 else samples.shape[0],
        frames=samples.shape[-1],
    )


def as_array(data: bytes | bytearray, audio: AudioRef) -> "NDArray[numpy.floating[Any]]":
    """Return a downloaded blob as (channels, frames), a view of `data`."""
    import numpy

    # The type comes from a table of ours, never from the wire.
    samples = numpy.frombuffer(data, dtype=DTYPES[audio.format])
    return samples.reshape(audio.channels, audio.frames)
