"""Arrays and blobs are the same numbers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plugin_protocol.arrays import as_array, as_blob, reference

SHA = bytes(32)
FLOATS = st.sampled_from(["<f4", ">f4", "<f8", ">f8"])
SHAPES = st.tuples(st.integers(1, 2), st.integers(1, 9))


@given(FLOATS.flatmap(lambda dtype: arrays(dtype, SHAPES)))
def test_a_blob_becomes_the_array_it_was(samples: Any) -> None:
    audio = reference(samples, SHA, sample_rate=44100)
    again = as_array(bytes(as_blob(samples)), audio)
    np.testing.assert_array_equal(again, samples)
    assert (audio.channels, audio.frames) == samples.shape


def test_the_wire_is_planar_and_little_endian() -> None:
    samples = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)
    floats = ["0000803f", "00000040", "00004040", "00008040"]
    assert as_blob(samples).hex() == "".join(floats)
    assert as_blob(samples.T).hex() == "".join(floats[i] for i in (0, 2, 1, 3))


def test_one_dimension_is_one_channel() -> None:
    samples = np.zeros(5, dtype=np.float16)
    audio = reference(samples, SHA, sample_rate=8000)
    assert (audio.format, audio.channels, audio.frames) == ("f32le", 1, 5)
    assert as_array(bytes(as_blob(samples)), audio).shape == (1, 5)


def test_what_is_in_place_is_not_copied() -> None:
    samples = np.zeros((2, 4), dtype="<f4")
    blob = as_blob(samples)
    samples[1, 3] = 1.0
    assert blob[-4:].hex() == "0000803f"


@pytest.mark.parametrize("samples", [np.zeros((2, 3), dtype=np.int16), np.zeros((1, 2, 3)), 1j])
def test_what_is_no_audio_is_refused(samples: Any) -> None:
    with pytest.raises(ValueError, match="Divide integers by their full scale"):
        as_blob(np.asarray(samples))
