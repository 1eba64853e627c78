"""Noise levels as values: how much music and how much noise x_t holds at time t."""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.shapes import Scalar


@dataclass(frozen=True)
class Level:
    """One noise level of the path: x_t = alpha x_0 + sigma eps."""

    alpha: Scalar
    sigma: Scalar

    @property
    def half_log_snr(self) -> Scalar:
        """Return log(alpha / sigma), "lambda" in the DPM-Solver papers; -inf is pure noise."""
        return torch.log(self.alpha / self.sigma)


@dataclass(frozen=True)
class NoiseSchedule:
    """The path x_t = alpha(t) x_0 + sigma(t) eps of a model, t from 1 (noise) to 0 (music).

    `path` is "cosine" (alpha = cos(pi t / 2), variance preserving; Stable Audio Open, ours) or
    "linear" (alpha = 1 - t; rectified flow). `shift` bends the timesteps towards the noise,
    t' = shift t / (1 + (shift - 1) t); 1 leaves them evenly spaced.
    """

    path: str = "cosine"
    shift: float = 1.0

    def alpha(self, t: Tensor) -> Tensor:
        """Return the share of music in x_t; same shape as `t`."""
        # cos(pi t / 2) as the sine of the complement: exactly 0, never negative, at t = 1.
        return torch.sin((1 - t) * (torch.pi / 2)) if self.path == "cosine" else 1 - t

    def sigma(self, t: Tensor) -> Tensor:
        """Return the share of noise in x_t; same shape as `t`."""
        return torch.sin(t * (torch.pi / 2)) if self.path == "cosine" else t

    def timesteps(self, steps: int) -> Tensor:
        """Return `steps` + 1 times from 1 to 0: the last is the clean end, never denoised."""
        t = torch.linspace(1, 0, steps + 1)
        return self.shift * t / (1 + (self.shift - 1) * t)

    def levels(self, times: Tensor) -> tuple[Level, ...]:
        """Return the level at each of `times`, in their dtype and on their device."""
        pairs = zip(self.alpha(times), self.sigma(times), strict=True)
        return tuple(Level(alpha, sigma) for alpha, sigma in pairs)
