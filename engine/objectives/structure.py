"""Structure: parts of the music sound alike or differ, as a form or another recording has it.

    log-mel of music before, of this window, of music after  ->  S, self-similarity of all of it
    loss = mean over asked pairs of moments of  (S - target)^2

A form asks for 1 between moments of equal letters and 0 between others, and both matrices are
smoothed over a second, so that what changes inside a part does not count. (The filter overshoots at
hard borders; smoothing the target as well leaves music that has the form without loss.) A transfer
asks for the matrix of another recording as it is, fine detail included.

A form longer than a window works because music already made elsewhere is a memory: it stands beside
the window in S but gets no gradient. Moments may be longer than a frame (`pool` frames, averaged in
dB): a minute in frames would be a matrix of 5000 by 5000.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, "Musical Structure Control" and appendix F. The
memory and moments longer than a frame are ours.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from engine.features.savitzky_golay import smooth_matrix
from engine.features.self_similarity import self_similarity, timbre
from engine.listening import Heard
from engine.objectives.objective import masked_mean
from engine.shapes import Features, Scalar, Similarity

Memory = Float[Tensor, "1 bins _"]


@dataclass(frozen=True, kw_only=True)
class StructureObjective:
    """`target` (1, moments, moments), counted where `mask`, of the same shape, is 1.

    Moments are in the order of time: those of `before`, of the window, of `after`; both are log-mel
    at moments (1, bins, moments), as `moments` returns them. `smoothing` is the filter's window, an
    odd number of moments, for forms; None for transfers. `target` is given unsmoothed.
    """

    target: Similarity
    mask: Similarity
    weight: float
    smoothing: int | None
    pool: int = 1
    before: Memory | None = None
    after: Memory | None = None
    schedule: tuple[float, float] = (1.0, 1.0)
    name: str = "structure"

    def loss(self, heard: Heard) -> Scalar:
        """Return the mean squared difference of similarities, about 0 to 4."""
        return masked_mean((self.similarity(heard) - self.wanted).square(), self.mask)

    @cached_property
    def wanted(self) -> Similarity:
        """The target, smoothed as the music's own self-similarity is."""
        if self.smoothing is None:
            return self.target
        return smooth_matrix(self.target, window=self.smoothing)

    def similarity(self, heard: Heard) -> Similarity:
        """Return the self-similarity of the window and the music around it."""
        made = moments(heard.log_mel, self.pool)
        around = [
            made[..., :0] if part is None else part.expand(len(made), -1, -1)
            for part in (self.before, self.after)
        ]
        whole = torch.cat([around[0], made, around[1]], dim=-1)
        return self_similarity(timbre(whole), smoothing=self.smoothing)


def moments(log_mel: Features, pool: int) -> Float[Tensor, "batch bins moments"]:
    """Return the mean of every `pool` frames; frames left over at the end are left out."""
    return torch.nn.functional.avg_pool1d(log_mel, pool) if pool > 1 else log_mel
