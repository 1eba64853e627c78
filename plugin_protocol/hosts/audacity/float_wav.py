"""Float WAV files, as Audacity's Nyquist reads and writes them: frames in, frames out."""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass
from pathlib import Path

_FLOAT, _EXTENSIBLE = 3, 0xFFFE


@dataclass
class Sound:
    """Interleaved samples: frame 0's channels, frame 1's channels …"""

    rate: int
    channels: int
    samples: array[float]

    @property
    def frames(self) -> int:
        """How many samples each channel has."""
        return len(self.samples) // self.channels


def read(path: Path) -> Sound:
    """Return what is in a file of 32-bit floats. Raises ValueError for any other file."""
    data = path.read_bytes()
    at, rate, channels, samples = 12, 0, 0, array("f")
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"fmt ":
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, at + 8)
            if kind not in (_FLOAT, _EXTENSIBLE) or bits != 32:
                raise ValueError(f"{path} holds no 32-bit floats")
        if name == b"data":
            samples.frombytes(data[at + 8 : at + 8 + size])
        at += 8 + size + size % 2
    return Sound(rate, channels, samples)


def write(path: Path, sound: Sound) -> None:
    """Write a file of 32-bit floats."""
    data, frame = sound.samples.tobytes(), 4 * sound.channels
    form = (_FLOAT, sound.channels, sound.rate, sound.rate * frame, frame, 32)
    head = struct.pack("<4sI4s", b"RIFF", 36 + len(data), b"WAVE")
    head += struct.pack("<4sIHHIIHH", b"fmt ", 16, *form) + struct.pack("<4sI", b"data", len(data))
    path.write_bytes(head + data)
