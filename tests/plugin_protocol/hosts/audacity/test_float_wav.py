"""Float WAV files of ours and of libsndfile."""

from array import array
from pathlib import Path

import numpy as np
import pytest
import soundfile

from plugin_protocol.hosts.audacity import float_wav

SAMPLES = np.random.default_rng(0).uniform(-2, 2, (1001, 2)).astype("float32")


@pytest.mark.parametrize("channels", [1, 2])
def test_what_libsndfile_writes_is_read(tmp_path: Path, channels: int) -> None:
    soundfile.write(tmp_path / "a.wav", SAMPLES[:, :channels], 48000, subtype="FLOAT")
    sound = float_wav.read(tmp_path / "a.wav")
    assert (sound.rate, sound.channels, sound.frames) == (48000, channels, 1001)
    assert sound.samples == array("f", SAMPLES[:, :channels].tobytes())


def test_libsndfile_reads_what_is_written(tmp_path: Path) -> None:
    sound = float_wav.Sound(44100, 2, array("f", SAMPLES.tobytes()))
    float_wav.write(tmp_path / "a.wav", sound)
    read, rate = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert rate == 44100
    np.testing.assert_array_equal(read, SAMPLES)


def test_integers_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", SAMPLES, 44100, subtype="PCM_16")
    with pytest.raises(ValueError, match="no 32-bit floats"):
        float_wav.read(tmp_path / "a.wav")
