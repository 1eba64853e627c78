"""Audio files in and out, without changing a sample that nobody asked to change.

`read` keeps the file's own numbers (see `sample_types`) and refuses what DITTO cannot work on, in
one sentence. `choose_format` says what a new file will hold, before any music is made. `write`
lets the file appear whole or not at all. Tags and markers of the file are not carried over.
"""

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from bridge.damage import is_cut_short, quiet_decoders
from bridge.errors import BridgeError
from bridge.sample_types import Samples, best_of, convert, decoded, dtype_of, holds, to_float
from plugin_protocol.values import BLOB_BYTES

LONGEST_SECONDS = 600.0
SHORTEST_SECONDS = 0.1
LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000

CONTAINERS = {
    ".wav": "WAV",
    ".flac": "FLAC",
    ".aiff": "AIFF",
    ".aif": "AIFF",
    ".ogg": "OGG",
    ".mp3": "MP3",
}
_LOSSY = {"OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}
_BLOCK = 65_536
"""Samples written at once: libsndfile's Vorbis encoder overflows its stack on long ones."""


class AudioFileError(BridgeError):
    """A file that cannot be read, worked on or written. The message is for the user."""


@dataclass(frozen=True)
class Recording:
    """Audio as a file stores it: samples (samples, channels) in the numbers of `sample_type`."""

    samples: Samples
    sample_rate: int
    sample_type: str

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate

    @property
    def channels(self) -> int:
        """1 or 2."""
        return int(self.samples.shape[1])

    @property
    def is_silent(self) -> bool:
        """Whether every sample is zero."""
        return not self.samples.any()

    def as_float(self) -> Samples:
        """Return the samples at full scale 1, exactly."""
        return to_float(self.samples, self.sample_type)


@dataclass(frozen=True)
class Format:
    """What a new file will hold: libsndfile's container and subtype, and what that costs."""

    container: str
    subtype: str
    sample_type: str
    note: str = ""


def read(path: Path) -> Recording:
    """Return the file's audio in its own numbers, or raise AudioFileError."""
    _refuse_what_is_no_file(path)
    try:
        with quiet_decoders(), soundfile.SoundFile(path) as file:
            if is_cut_short(path, file):
                raise _cut_short(path)
            _refuse_shape(path, file)
            sample_type = decoded(file.subtype)
            samples = file.read(dtype=np.dtype(dtype_of(sample_type)).name, always_2d=True)
            if len(samples) < file.frames:
                raise _cut_short(path)
    except (soundfile.SoundFileError, TypeError) as error:
        # TypeError: a .raw file, which says nothing about itself.
        raise AudioFileError(
            f"{path} is damaged or no audio file that DITTO can read. "
            "Export it again as wav, flac, aiff, ogg or mp3."
        ) from error
    _refuse_not_finite(path, samples, file.samplerate)
    return Recording(samples, file.samplerate, sample_type)


def choose_format(path: Path, *, sample_type: str, sample_rate: int, channels: int) -> Format:
    """Return the format that `path`'s extension and these samples ask for, or AudioFileError."""
    container = CONTAINERS.get(path.suffix.lower(), "")
    if not container:
        raise AudioFileError(
            f"{path} ends in '{path.suffix}', which is no format that DITTO writes. "
            f"Use one of {' '.join(CONTAINERS)}."
        )
    chosen = _subtype(container, sample_type)
    try:
        soundfile.SoundFile(
            io.BytesIO(), "w", sample_rate, channels, chosen.subtype, format=container
        ).close()
    except soundfile.SoundFileError as error:
        raise AudioFileError(
            f"{path.suffix} cannot hold {channels} channels at {sample_rate} Hz. "
            "Write .wav instead."
        ) from error
    return chosen


def write(path: Path, recording: Recording, form: Format) -> None:
    """Write the recording to `path`; used on the temporary file of `replacing`."""
    samples = convert(recording.samples, recording.sample_type, form.sample_type)
    with soundfile.SoundFile(
        path, "w", recording.sample_rate, recording.channels, form.subtype, format=form.container
    ) as file:
        for start in range(0, len(samples), _BLOCK):
            file.write(samples[start : start + _BLOCK])


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary file beside `path` that takes its place when all went well."""
    target = path.resolve()
    # Named by us, not by tempfile: its files are private (0600) and would stay so.
    temporary = target.with_name(f".ditto-{secrets.token_hex(6)}.part")
    try:
        yield temporary
        temporary.replace(target)
    except OSError as error:
        raise AudioFileError(
            f"{path} could not be written: {error.strerror or error}. "
            "Choose another folder or make room."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def refuse_unwritable(path: Path) -> None:
    """Raise AudioFileError unless a file may be created where `path` is to appear."""
    if path.is_dir():
        raise AudioFileError(f"{path} is a folder. Give the name of a file to write.")
    if not path.parent.is_dir():
        raise AudioFileError(f"The folder {path.parent} does not exist. Create it first.")
    probe = path.resolve().with_name(f".ditto-{secrets.token_hex(6)}.part")
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise AudioFileError(
            f"Nothing can be written in the folder {path.parent}: {error.strerror}. "
            "Choose another folder with -o."
        ) from error


def _subtype(container: str, sample_type: str) -> Format:
    if container in _LOSSY:
        note = f"{container.lower()} is lossy: the clip's own samples change a little. "
        return Format(container, _LOSSY[container], "FLOAT", note + "Write .wav to keep them.")
    available = frozenset(soundfile.available_subtypes(container))
    kept = best_of(available, sample_type)
    if holds(kept, sample_type):
        return Format(container, kept, kept)
    note = f"{container.lower()} holds 24 bits: the clip's {sample_type} samples are rounded. "
    return Format(container, kept, kept, note + "Write .wav to keep them.")


def _cut_short(path: Path) -> AudioFileError:
    return AudioFileError(
        f"{path} is cut short: it promises more audio than it has. Export or copy it again."
    )


def _refuse_what_is_no_file(path: Path) -> None:
    if path.is_dir():
        raise AudioFileError(f"{path} is a folder. Give an audio file.")
    if not path.exists():
        raise AudioFileError(f"{path} does not exist. Check the name.")
    if not path.is_file():
        raise AudioFileError(f"{path} is no regular file. Give an audio file on disk.")
    size = path.stat().st_size
    if size == 0:
        raise AudioFileError(f"{path} is empty (0 bytes). Export it again.")
    if size > BLOB_BYTES:
        raise AudioFileError(
            f"{path} has {size / 2**20:.0f} MiB; {BLOB_BYTES // 2**20} MiB is the most. "
            "Cut out the part around the edit."
        )
    try:
        path.open("rb").close()
    except OSError as error:
        raise AudioFileError(f"{path} cannot be opened: {error.strerror}.") from error


def _refuse_shape(path: Path, file: soundfile.SoundFile) -> None:
    seconds = file.frames / file.samplerate
    if not 1 <= file.channels <= 2:
        raise AudioFileError(
            f"{path} has {file.channels} channels; DITTO works on mono or stereo. "
            "Mix it down first."
        )
    if not LOWEST_RATE <= file.samplerate <= HIGHEST_RATE:
        raise AudioFileError(
            f"{path} has a sample rate of {file.samplerate} Hz; {LOWEST_RATE} to {HIGHEST_RATE} Hz "
            "is possible. Resample it first."
        )
    if file.frames == 0:
        raise AudioFileError(f"{path} holds no audio (0 samples). Export it again.")
    if seconds < SHORTEST_SECONDS:
        raise AudioFileError(
            f"{path} is {seconds * 1000:.3g} ms long ({file.frames} samples); "
            f"{SHORTEST_SECONDS:g} s is the least. Use a longer clip."
        )
    if seconds > LONGEST_SECONDS:
        raise AudioFileError(
            f"{path} is {seconds / 60:.1f} minutes long; {LONGEST_SECONDS / 60:g} minutes is the "
            "most. Cut out the part around the edit."
        )


def _refuse_not_finite(path: Path, samples: Samples, sample_rate: int) -> None:
    if samples.dtype.kind != "f" or np.isfinite(samples).all():
        return
    first = int(np.argmax(~np.isfinite(samples).all(axis=1)))
    raise AudioFileError(
        f"{path} holds samples that are no numbers (NaN or infinite), the first at "
        f"{first / sample_rate:.3f} s. Find the effect that made them and export again."
    )
