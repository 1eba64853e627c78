"""Splicing: the clip's samples stay the clip's, the rest is the daemon's."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.audio_files import Recording, choose_format, write
from bridge.sample_types import from_float
from bridge.splice import faded_into, from_wire, splice, to_wire
from plugin_protocol.values import Span


def clip(sample_type: str = "PCM_16", samples: int = 1000) -> Recording:
    audio = np.random.default_rng(0).uniform(-0.9, 0.9, (samples, 2))
    return Recording(from_float(audio, sample_type), 44_100, sample_type)


@pytest.mark.parametrize("sample_type", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_the_wire_carries_every_sample_type_exactly(sample_type: str) -> None:
    recording = clip(sample_type)
    back = from_wire(*to_wire(recording))
    assert np.array_equal(from_float(back, sample_type), recording.samples)


def test_the_wire_is_planar_little_endian_float() -> None:
    recording = Recording(np.array([[0.5, -0.5], [0.25, 0.0]], np.float32), 44_100, "FLOAT")
    data, audio = to_wire(recording)
    assert data == np.array([0.5, 0.25, -0.5, 0.0], "<f4").tobytes()
    assert (audio.channels, audio.frames, audio.format) == (2, 2, "f32le")


def test_music_after_the_clip_leaves_the_clip_bit_identical() -> None:
    made = np.full((1500, 2), 0.5, np.float32)
    result = splice(clip(), made, new=(Span(start=1000, end=1500),), clip_start=0)
    assert np.array_equal(result.samples[:1000], clip().samples)
    assert (result.samples[1000:] == 2**30).all()


def test_music_before_the_clip_moves_the_clip() -> None:
    made = np.zeros((1300, 2), np.float32)
    result = splice(clip(), made, new=(Span(start=0, end=300),), clip_start=300)
    assert np.array_equal(result.samples[300:], clip().samples)


def test_only_the_regions_are_new() -> None:
    made = np.zeros((1000, 2), np.float32)
    spans = (Span(start=100, end=200), Span(start=600, end=601))
    result = splice(clip(), made, new=spans, clip_start=0)
    changed = np.flatnonzero((result.samples != clip().samples).any(axis=1))
    assert changed.tolist() == [*range(100, 200), 600]


def test_samples_that_are_neither_new_nor_the_clip_are_a_bug() -> None:
    with pytest.raises(AssertionError):
        splice(clip(), np.zeros((1500, 2)), new=(Span(start=1100, end=1500),), clip_start=0)


def test_the_prefix_of_a_written_file_is_bit_identical(tmp_path: Path) -> None:
    made = np.random.default_rng(1).uniform(-1.2, 1.2, (1500, 2))
    result = splice(clip("PCM_24"), made, new=(Span(start=1000, end=1500),), clip_start=0)
    path = tmp_path / "out.wav"
    form = choose_format(path, sample_type="PCM_24", sample_rate=44_100, channels=2)
    write(path, result, form)
    written = soundfile.read(path, dtype="int32")[0]
    assert np.array_equal(written[:1000], clip("PCM_24").samples)


def test_a_stretch_fades_in_and_out_at_equal_power() -> None:
    rate, within = 8000, Span(start=1000, end=3000)
    clip = Recording(np.full((4000, 1), 0.6), rate, "DOUBLE")
    zero, one = (
        faded_into(clip, np.full((4000, 1), float(level)), within)[:, 0] for level in (0, 1.0)
    )
    of_clip, of_made = zero / 0.6, one - zero
    assert (zero[:1000] == 0.6).all()
    assert (zero[3000:] == 0.6).all()
    assert (of_made[1080:2920] == 1).all()
    assert (of_clip[1080:2920] == 0).all()
    np.testing.assert_allclose((of_clip**2 + of_made**2)[1000:3000], 1)
    assert of_clip[1000] == of_clip[2999] == 1
    assert (np.diff(of_made[1000:1080]) > 0).all()


def test_a_stretch_shorter_than_two_fades_is_all_fade() -> None:
    clip = Recording(np.zeros((100, 2)), 8000, "DOUBLE")
    made = faded_into(clip, np.ones((100, 2)), Span(start=10, end=14))
    np.testing.assert_allclose(made[10:14, 0], [0, 0.5**0.5, 0.5**0.5, 0], atol=1e-15)
