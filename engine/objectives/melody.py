"""Melody: the pitch classes of the music follow a line of notes, or the harmony of a clip.

    loss = mean over asked frames of  - sum over pitch classes p of  target_p log chroma_p

in nats: ln 12 for a frame of all twelve alike, 0 for a frame of the one note asked. A line asks for
one pitch class per frame, which makes this the negative log-likelihood of the paper; a harmony asks
for shares of several, and then the least there is is the entropy of the target. Rests ask for
nothing.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, "Melody Control". Soft targets are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from engine.controls import Note
from engine.features.chroma import log_chroma
from engine.listening import Heard
from engine.objectives.objective import masked_mean
from engine.shapes import Chroma, Curve, Scalar


@dataclass(frozen=True, kw_only=True)
class MelodyObjective:
    """`target` (1, 12, frames): shares that sum to 1, counted where `mask` (1, frames) is 1."""

    target: Chroma
    mask: Curve
    weight: float
    schedule: tuple[float, float] = (1.0, 1.0)
    name: str = "melody"

    def loss(self, heard: Heard) -> Scalar:
        """Return the cross-entropy in nats per asked frame."""
        return masked_mean(-(self.target * log_chroma(heard.chroma)).sum(dim=1), self.mask)


@dataclass(frozen=True)
class Line:
    """What notes ask of each frame: `target` (1, 12, frames), `mask` (1, frames).

    `note` is a sentence for the user where notes overlapped and only the top one is followed.
    """

    target: Chroma
    mask: Curve
    note: str = ""


def line(notes: Sequence[Note], *, frames: int, frame_seconds: float, start: float = 0.0) -> Line:
    """Return what `notes` ask of `frames` frames; frame k is at `start` + k `frame_seconds`.

    Where several notes sound at once the highest is followed: that is what an ear calls the melody.
    """
    times = start + torch.arange(frames, dtype=torch.float64) * frame_seconds
    top = torch.full((frames,), -1)
    sounding = torch.zeros(frames, dtype=torch.int64)
    for note in notes:
        sounds = (note.start <= times) & (times < note.end)
        sounding += sounds
        top = torch.where(sounds, top.clamp(min=note.pitch), top)
    asked = top >= 0
    target = torch.zeros(1, 12, frames)
    target[0, top[asked] % 12, asked.nonzero()[:, 0]] = 1.0
    several = times[sounding > 1]
    said = (
        f"The melody has several notes at once, first at {float(several[0]):.2f} s. Its top line "
        "is followed."
        if several.numel()
        else ""
    )
    return Line(target, asked[None].float(), said)
