"""What is drawn, and where its beats lie."""

from dataclasses import dataclass

import numpy as np

from bridge.sample_types import Samples
from bridge.spec import Control
from plugin_protocol.values import MeasuredCurve, MeasuredMatrix, Music, Span


@dataclass(frozen=True)
class Picture:
    """What is drawn: `audio` (samples, channels) at full scale 1, the rest as the daemon said."""

    audio: Samples
    sample_rate: int
    new: tuple[Span, ...]
    clip_start: int
    music: Music
    curves: tuple[MeasuredCurve, ...]
    matrices: tuple[MeasuredMatrix, ...]
    controls: tuple[Control, ...]
    title: str

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.audio) / self.sample_rate


def beats(picture: Picture) -> list[tuple[int, float]]:
    """Return (number, time in s) of every beat in the result; every fourth is a downbeat."""
    music = picture.music
    if music.bpm is None or music.beat_offset is None:
        return []
    period = 60.0 / music.bpm
    downbeat = picture.clip_start / picture.sample_rate + music.beat_offset
    first = int(np.ceil(-downbeat / period))
    last = int(np.floor((picture.seconds - downbeat) / period))
    return [(number, downbeat + number * period) for number in range(first, last + 1)]
