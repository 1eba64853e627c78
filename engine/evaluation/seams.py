"""Is there a click? What happens at a seam, measured against what the music itself does.

Each measure comes as a percentile of the clip's own distribution, so that a seam below the 99th is
no event in that music:

    jump    the step from one sample to the next
    flux    how much louder the spectrum grows within 3 ms, as onset detectors measure it
    burst   the smaller of that growth and of the fall beside it

An attack of the music that lies at the seam, such as the bass drum that a loop begins with, has
flux but no burst: it rises and stays. A click does both.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.shapes import Samples, Stretch

FRAME_SECONDS = 0.006


@dataclass(frozen=True)
class SeamReport:
    """One seam at sample `position`: `jump` in full scale, the others in summed magnitude."""

    position: int
    jump: float
    jump_percentile: float
    flux: float
    flux_percentile: float
    burst: float
    burst_percentile: float


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
    own = (audio if reference is None else reference).double()
    own_steps, own_flux, own_burst = _steps(own)[1:], *_everywhere(own, sample_rate)
    steps = _steps(audio.double())
    reports = []
    for position in positions:
        jump, (flux, burst) = float(steps[position]), _across(audio.double(), sample_rate, position)
        reports.append(
            SeamReport(
                position=position,
                jump=jump,
                jump_percentile=_percentile(jump, own_steps),
                flux=flux,
                flux_percentile=_percentile(flux, own_flux),
                burst=burst,
                burst_percentile=_percentile(burst, own_burst),
            )
        )
    return tuple(reports)


def _steps(audio: Stretch) -> Tensor:
    """Return the step before each sample, the largest of the channels; (samples,)."""
    steps: Tensor = (audio - audio.roll(1, -1)).abs().amax(0)
    return steps


def _sizes(sample_rate: int) -> tuple[int, int, int]:
    """Return the frame, the stride between frames and the reach of a seam, in samples."""
    frame = max(16, round(FRAME_SECONDS * sample_rate))
    return frame, max(1, frame // 8), frame + frame // 2


def _across(audio: Samples, sample_rate: int, position: int) -> tuple[float, float]:
    """Return flux and burst of all frames that touch the seam."""
    _, stride, reach = _sizes(sample_rate)
    rise, fall = _changes(audio, sample_rate, torch.arange(position - reach, position, stride))
    return float(rise.max()), float(torch.minimum(rise.max(), fall.max()))


def _everywhere(audio: Stretch, sample_rate: int) -> tuple[Tensor, Tensor]:
    """Return what `_across` would find at every place: flux and burst, (places,) each."""
    _, stride, reach = _sizes(sample_rate)
    starts = torch.arange(0, max(1, audio.shape[-1] - reach), stride)
    changes = [_changes(audio, sample_rate, part) for part in starts.split(2048)]
    rise, fall = (torch.cat(parts) for parts in zip(*changes, strict=True))
    window = min(reach // stride, rise.shape[0])
    rise, fall = (
        torch.nn.functional.max_pool1d(change[None], window, stride=1)[0] for change in (rise, fall)
    )
    return rise, torch.minimum(rise, fall)


def _changes(audio: Stretch, sample_rate: int, starts: Tensor) -> tuple[Tensor, Tensor]:
    """Return how much the spectrum grows, and falls, from each frame to the one half a frame later.

    The audio is thought of as a loop.
    """
    frame, _, _ = _sizes(sample_rate)
    window = torch.hann_window(frame, dtype=torch.float64)
    at = starts[:, None] + torch.arange(frame)
    before, after = (
        torch.fft.rfft(audio[:, places % audio.shape[-1]] * window).abs()
        for places in (at, at + frame // 2)
    )
    change = after - before
    return change.clamp(min=0).sum((0, 2)), (-change).clamp(min=0).sum((0, 2))


def _percentile(value: float, distribution: Tensor) -> float:
    """Return how many percent of `distribution` are smaller than `value`."""
    return 100 * float((distribution < value).double().mean())
