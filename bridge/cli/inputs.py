"""The audio files of a request, each read and described once."""

from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from bridge.audio_files import Recording, read
from bridge.cli.failures import RefusedError
from bridge.spec import AudioFile
from bridge.splice import to_wire
from plugin_protocol.values import AudioRef


@dataclass(frozen=True)
class Input:
    """A file's audio: as it stores it, as it travels, and the words that describe that."""

    recording: Recording
    data: bytes
    ref: AudioRef


class Inputs:
    """What has been read so far."""

    def __init__(self) -> None:
        self._read: dict[Path, Input] = {}

    def get(self, file: AudioFile) -> Input:
        """Return the file's audio. Raises AudioFileError, or RefusedError if it has changed."""
        path = Path(file.path)
        if path not in self._read:
            recording = read(path)
            self._read[path] = Input(recording, *to_wire(recording))
        found = self._read[path]
        if file.sha256 is not None and file.sha256 != found.ref.sha.hex():
            raise RefusedError(
                f"{path} has changed since the spec was written: its audio is another. "
                "Put the file back as it was, or delete its sha256 from the spec."
            )
        return found

    def known(self, file: AudioFile) -> AudioFile:
        """Return the file by its whole path and with the digest of its audio."""
        sha = self.get(file).ref.sha.hex()
        return replace(file, path=str(Path(file.path).resolve()), sha256=sha)

    def everything(self) -> list[Input]:
        """Return all that was read."""
        return [*self._read.values()]
