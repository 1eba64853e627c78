"""Structure: parts of the music sound alike or differ, as a form or another recording has it.

    log-mel of music before, of this window, of music after  ->  S, self-similarity of all of it
    loss = mean over asked pairs of moments of  (S - target)^2

A form asks for 1 between moments of equal letters and 0 between others, and S is smoothed over a
second, so that what changes inside a part does not count. A transfer asks for the matrix of another
recording as it is, fine detail included.

A form longer than a window works because music already made elsewhere is a memory: it stands beside
the window in S but gets no gradient. Moments may be longer than a frame (`pool` frames, averaged in
dB): a minute in frames would be a matrix of 5000 by 5000.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, "Musical Structure Control" and appendix F. The
memory and moments longer than a frame are ours.
"""

from dataclasses import dataclass

import torch

from engine.features.savitzky_golay import odd_frames
from engine.features.self_similarity import self_similarity, timbre
from engine.listening import Heard
from engine.objectives.objective import masked_mean
from engine.shapes import Features, Scalar, Similarity

SMOOTHING_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class StructureObjective:
    """`target` (1, moments, moments), counted where `mask`, of the same shape, is 1.

    Moments are in the order of time: those of `before`, of the window, of `after`; both are log-mel
    at moments (1, bins, moments), as `moments` returns them. `smoothing`: on for forms.
    """

    target: Similarity
    mask: Similarity
    weight: float
    smoothing: bool = True
    pool: int = 1
    before: Features | None = None
    after: Features | None = None
    schedule: tuple[float, float] = (1.0, 1.0)
    name: str = "structure"

    def loss(self, heard: Heard) -> Scalar:
        """Return the mean squared difference of similarities, 0 to 4."""
        return masked_mean((self.similarity(heard) - self.target).square(), self.mask)

    def similarity(self, heard: Heard) -> Similarity:
        """Return the self-similarity of the window and the music around it, as it is compared."""
        made = moments(heard.log_mel, self.pool)
        around = [
            made[..., :0] if part is None else part.expand(len(made), -1, -1)
            for part in (self.before, self.after)
        ]
        window = odd_frames(SMOOTHING_SECONDS, frame_seconds=heard.frame_seconds * self.pool)
        return self_similarity(
            timbre(torch.cat([around[0], made, around[1]], dim=-1)),
            smoothing=window if self.smoothing else None,
        )


def moments(log_mel: Features, pool: int) -> Features:
    """Return the mean of every `pool` frames; frames left over at the end are left out."""
    return torch.nn.functional.avg_pool1d(log_mel, pool) if pool > 1 else log_mel
