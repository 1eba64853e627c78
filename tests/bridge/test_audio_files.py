"""Audio files: nothing changes that nobody asked to change, and bad files are named."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.audio_files import (
    CONTAINERS,
    AudioFileError,
    Recording,
    choose_format,
    read,
    refuse_unwritable,
    replacing,
    write,
)

RATE = 44_100
KINDS = [
    (container, subtype)
    for container in ("WAV", "AIFF", "FLAC", "W64", "CAF", "AU", "RF64")
    for subtype in ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
    if soundfile.check_format(container, subtype)
]
SUFFIX = {container: suffix for suffix, container in reversed(CONTAINERS.items())}


def noise(samples: int = 8_000, channels: int = 2) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.9, 0.9, (samples, channels))


def save(path: Path, audio: np.ndarray, **options: str) -> Path:
    soundfile.write(path, audio, RATE, **options)
    return path


def write_whole(path: Path, recording: Recording) -> None:
    form = choose_format(
        path,
        sample_type=recording.sample_type,
        sample_rate=recording.sample_rate,
        channels=recording.channels,
    )
    with replacing(path) as temporary:
        write(temporary, recording, form)


def refusal(path: Path) -> str:
    with pytest.raises(AudioFileError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("container", "subtype"), KINDS)
def test_reading_and_writing_changes_no_sample(
    container: str, subtype: str, tmp_path: Path
) -> None:
    source = save(tmp_path / "in.bin", noise(), format=container, subtype=subtype)
    copy = tmp_path / f"out{SUFFIX.get(container, '.aiff')}"
    write_whole(copy, read(source))
    number = {"FLOAT": "float32", "DOUBLE": "float64"}.get(subtype, "int32")
    assert np.array_equal(
        soundfile.read(copy, dtype=number)[0], soundfile.read(source, dtype=number)[0]
    )


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_a_wav_keeps_its_subtype(subtype: str, tmp_path: Path) -> None:
    source = save(tmp_path / "in.wav", noise(), subtype=subtype)
    write_whole(tmp_path / "out.wav", read(source))
    assert soundfile.info(tmp_path / "out.wav").subtype == subtype


def test_mono_stays_mono(tmp_path: Path) -> None:
    assert read(save(tmp_path / "in.wav", noise(channels=1))).samples.shape == (8_000, 1)


@pytest.mark.parametrize("suffix", [".ogg", ".mp3"])
def test_a_lossy_format_is_written_with_a_warning(suffix: str, tmp_path: Path) -> None:
    recording = read(save(tmp_path / "in.wav", noise()))
    form = choose_format(
        tmp_path / f"x{suffix}", sample_type="PCM_16", sample_rate=RATE, channels=2
    )
    assert "lossy" in form.note
    write_whole(tmp_path / f"x{suffix}", recording)
    assert soundfile.info(tmp_path / f"x{suffix}").samplerate == RATE


@pytest.mark.parametrize("suffix", [".ogg", ".mp3", ".flac"])
def test_compressed_files_are_read(suffix: str, tmp_path: Path) -> None:
    tone = 0.5 * np.sin(np.arange(RATE) * 0.05)
    recording = read(save(tmp_path / f"in{suffix}", tone))
    assert recording.seconds == pytest.approx(1.0, abs=0.1)
    middle = recording.as_float()[10_000:30_000]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


def test_float_into_flac_says_that_it_is_rounded() -> None:
    form = choose_format(Path("x.flac"), sample_type="FLOAT", sample_rate=RATE, channels=2)
    assert (form.subtype, "rounded" in form.note) == ("PCM_24", True)


def test_an_unknown_extension_lists_the_known_ones() -> None:
    with pytest.raises(AudioFileError, match=r"'\.xyz'.*\.wav .*\.flac"):
        choose_format(Path("out.xyz"), sample_type="PCM_16", sample_rate=RATE, channels=2)


def test_mp3_at_96_khz_is_refused_before_any_music_is_made() -> None:
    with pytest.raises(AudioFileError, match=r"\.mp3 cannot hold 2 channels at 96000 Hz"):
        choose_format(Path("out.mp3"), sample_type="PCM_16", sample_rate=96_000, channels=2)


# ---- files that cannot be worked on --------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "nowhere.wav")


def test_a_folder_is_no_clip(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    assert "is empty" in refusal(tmp_path / "empty.wav")


@pytest.mark.parametrize("name", ["notes.wav", "notes.mp3", "notes.txt", "notes.raw"])
def test_text_is_no_audio_whatever_its_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("these are words, and no music at all\n" * 50)
    assert "no audio file that DITTO can read" in refusal(tmp_path / name)


@pytest.mark.parametrize("suffix", [".wav", ".aiff", ".w64", ".au", ".rf64"])
def test_a_pcm_file_cut_in_half_is_cut_short(suffix: str, tmp_path: Path) -> None:
    whole = save(tmp_path / f"whole{suffix}", noise(), format=suffix[1:].upper(), subtype="PCM_16")
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert "cut short" in refusal(cut)


@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".mp3"])
def test_a_compressed_file_cut_in_half_is_refused(suffix: str, tmp_path: Path) -> None:
    whole = save(tmp_path / f"whole{suffix}", noise(60_000))
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert "cut short" in refusal(cut) or "damaged" in refusal(cut)


@pytest.mark.parametrize("unknown", [0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000])
def test_a_wav_written_into_a_pipe_is_whole(unknown: int, tmp_path: Path) -> None:
    path = save(tmp_path / "piped.wav", noise(), subtype="PCM_16")
    data = bytearray(path.read_bytes())
    data[40:44] = unknown.to_bytes(4, "little")
    path.write_bytes(data)
    assert len(read(path).samples) == 8_000


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_located(wrong: float, tmp_path: Path) -> None:
    audio = noise()
    audio[4_410, 1] = wrong
    assert "0.100 s" in refusal(save(tmp_path / "bad.wav", audio, subtype="FLOAT"))


def test_a_file_without_samples_holds_no_audio(tmp_path: Path) -> None:
    assert "0 samples" in refusal(save(tmp_path / "none.wav", np.zeros((0, 2))))


def test_one_sample_is_too_short(tmp_path: Path) -> None:
    assert "0.1 s is the least" in refusal(save(tmp_path / "one.wav", np.zeros((1, 2))))


def test_a_hundred_channels_are_too_many(tmp_path: Path) -> None:
    assert "100 channels" in refusal(save(tmp_path / "many.wav", np.zeros((500, 100))))


def test_1_khz_is_too_low_a_rate(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "low.wav", np.zeros(2_000), 1_000)
    assert "1000 Hz; 8000 to 192000 Hz" in refusal(tmp_path / "low.wav")


def test_more_than_ten_minutes_are_too_many(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "long.wav", np.zeros(8_000 * 601, np.int16), 8_000)
    assert "10 minutes is the most" in refusal(tmp_path / "long.wav")


def test_silence_is_allowed_and_noticed(tmp_path: Path) -> None:
    assert read(save(tmp_path / "silent.wav", np.zeros((8_000, 2)))).is_silent


def test_the_mp3_decoder_does_not_write_on_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = save(tmp_path / "whole.mp3", noise(60_000))
    (tmp_path / "cut.mp3").write_bytes(whole.read_bytes()[:2_000])
    refusal(tmp_path / "cut.mp3")
    assert capfd.readouterr().err == ""


# ---- writing -------------------------------------------------------------------------------------


def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    old = tmp_path / "out.wav"
    old.write_text("old")

    def fail() -> None:
        with replacing(old) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_full_disk_is_told_as_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="No space left on device"), replacing(tmp_path / "x"):
        raise OSError(28, "No space left on device")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="nowhere does not exist"):
        refuse_unwritable(tmp_path / "nowhere" / "out.wav")


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Permissions do not stop root, and tests may run as root.
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", denied)
    with pytest.raises(AudioFileError, match="Permission denied"):
        refuse_unwritable(tmp_path / "out.wav")
