"""Sample types: exact ways there and back."""

import numpy as np
import pytest

from bridge.sample_types import PCM_BITS, best_of, convert, decoded, from_float, holds, to_float


def every_level(bits: int) -> np.ndarray:
    count = min(2**bits, 4096)
    levels = np.linspace(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, count).round()
    return (levels.astype(np.int64) << (32 - bits)).astype(np.int32)[:, None]


@pytest.mark.parametrize("sample_type", PCM_BITS)
def test_pcm_to_float_and_back_changes_no_bit(sample_type: str) -> None:
    samples = every_level(PCM_BITS[sample_type])
    assert np.array_equal(from_float(to_float(samples, sample_type), sample_type), samples)


def test_full_scale_16_bit_reads_as_one_step_below_one() -> None:
    assert to_float(np.array([[32767 << 16]], np.int32), "PCM_16")[0, 0] == 32767 / 32768


def test_only_32_bit_pcm_needs_double_precision() -> None:
    one = np.ones((1, 1), np.int32)
    assert to_float(one, "PCM_32").dtype == np.float64
    assert to_float(one << 8, "PCM_24").dtype == np.float32


def test_new_samples_are_rounded_to_the_nearest_step() -> None:
    made = np.array([[0.4, 0.6, -0.6]]).T / 32768
    assert (from_float(made, "PCM_16") >> 16).ravel().tolist() == [0, 1, -1]


def test_new_samples_beyond_full_scale_are_clipped() -> None:
    made = np.array([[1.5, -1.5]]).T
    assert (from_float(made, "PCM_24") >> 8).ravel().tolist() == [2**23 - 1, -(2**23)]


def test_float_keeps_what_lies_beyond_full_scale() -> None:
    assert from_float(np.array([[1.5]]), "FLOAT").item() == 1.5


def test_lossy_sources_decode_to_float() -> None:
    assert [decoded(kind) for kind in ("VORBIS", "MPEG_LAYER_III", "ULAW")] == [
        "FLOAT",
        "FLOAT",
        "PCM_16",
    ]


@pytest.mark.parametrize(
    ("source", "target", "is_exact"),
    [
        ("PCM_U8", "PCM_S8", True),
        ("PCM_16", "PCM_24", True),
        ("PCM_24", "FLOAT", True),
        ("PCM_32", "DOUBLE", True),
        ("PCM_32", "FLOAT", False),
        ("FLOAT", "PCM_24", False),
        ("DOUBLE", "FLOAT", False),
    ],
)
def test_holds_tells_whether_a_conversion_is_exact(
    source: str, target: str, is_exact: bool
) -> None:
    assert holds(target, source) == is_exact
    rng = np.random.default_rng(0)
    samples = from_float(rng.uniform(-1, 1, (500, 1)), source)
    back = convert(convert(samples, source, target), target, source)
    assert np.array_equal(back, samples) == is_exact


def test_a_container_without_the_sample_type_offers_what_loses_least() -> None:
    flac = frozenset({"PCM_S8", "PCM_16", "PCM_24"})
    assert [best_of(flac, kind) for kind in ("PCM_U8", "PCM_16", "PCM_32", "FLOAT")] == [
        "PCM_S8",
        "PCM_16",
        "PCM_24",
        "PCM_24",
    ]
