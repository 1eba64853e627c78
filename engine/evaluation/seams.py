"""Is there a click? What happens at a seam, measured against what the music itself does.

Two measures, each as a percentile of the clip's own distribution: the step from one sample to the
next, and spectral flux (how much louder the spectrum grows from one 6 ms frame to the next, the
measure onset detectors use). A seam below the 99th percentile is no event in that music.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from engine.shapes import Samples, Stretch

FRAME_SECONDS = 0.006


@dataclass(frozen=True)
class SeamReport:
    """One seam at sample `position`: `jump` in full scale, `flux` in summed magnitude."""

    position: int
    jump: float
    jump_percentile: float
    flux: float
    flux_percentile: float


def seam_report(
    audio: Samples,
    sample_rate: int,
    positions: Sequence[int],
    *,
    reference: Stretch | None = None,
) -> tuple[SeamReport, ...]:
    """Measure `audio` where sample position - 1 meets sample position.

    Position 0 is the seam of a loop: the last sample meets the first. The percentiles are those of
    `reference`, the clip the seam should not stand out from; without one, of `audio` itself.
    """
    steps = _steps(audio.double())
    flux = _Flux(audio.double(), sample_rate)
    own = (audio if reference is None else reference).double()
    own_steps, own_flux = _steps(own)[1:], _Flux(own, sample_rate).inside()
    reports = []
    for position in positions:
        jump = float(steps[position])
        change = flux.across(position)
        reports.append(
            SeamReport(
                position=position,
                jump=jump,
                jump_percentile=_percentile(jump, own_steps),
                flux=change,
                flux_percentile=_percentile(change, own_flux),
            )
        )
    return tuple(reports)


def _steps(audio: Stretch) -> torch.Tensor:
    """Return the step before each sample, the largest of the channels; (samples,)."""
    steps: torch.Tensor = (audio - audio.roll(1, -1)).abs().amax(0)
    return steps


class _Flux:
    """Spectral flux of audio that is thought of as a loop."""

    def __init__(self, audio: Samples, sample_rate: int) -> None:
        self.audio = audio
        self.frame = max(16, round(FRAME_SECONDS * sample_rate))
        self.window = torch.hann_window(self.frame, dtype=torch.float64)
        self.stride = max(1, self.frame // 8)
        self.reach = self.frame + self.frame // 2

    def _between(self, starts: torch.Tensor) -> torch.Tensor:
        """Return the flux from the frame at each start to the frame half a frame later."""
        at = (starts[:, None] + torch.arange(self.frame)) % self.audio.shape[-1]
        later = (at + self.frame // 2) % self.audio.shape[-1]
        spectra = [torch.fft.rfft(self.audio[:, i] * self.window).abs() for i in (at, later)]
        growth: torch.Tensor = (spectra[1] - spectra[0]).clamp(min=0).sum((0, 2))
        return growth

    def across(self, position: int) -> float:
        """Return the largest flux between frames that touch the seam."""
        return float(
            self._between(torch.arange(position - self.reach, position, self.stride)).max()
        )

    def inside(self) -> torch.Tensor:
        """Return, for every place, what `across` would see there."""
        last = max(1, self.audio.shape[-1] - self.reach)
        starts = torch.arange(0, last, self.stride)
        flux = torch.cat([self._between(part) for part in starts.split(2048)])
        window = min(self.reach // self.stride, flux.shape[0])
        return torch.nn.functional.max_pool1d(flux[None], window, stride=1)[0]


def _percentile(value: float, distribution: torch.Tensor) -> float:
    """Return how many percent of `distribution` are not larger than `value`."""
    return 100 * float((distribution < value).double().mean())
