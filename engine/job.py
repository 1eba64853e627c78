"""What all takes and windows of a request share: the timeline, the plan, the first noise.

Seconds are those of the result, whose first sample is at 0.
"""

from dataclasses import dataclass
from functools import cached_property

import torch

from engine.canvas import Canvas
from engine.layout import Layout
from engine.models.music_model import MusicalContext, MusicModel, OnDevice
from engine.rate import resample, with_channels
from engine.requests import Clip, Request
from engine.shapes import Latents, Samples
from engine.windows import Window


@dataclass(frozen=True)
class Job:
    """See the module. `canvas` has nothing new in it yet."""

    request: Request
    clip: Clip
    model: MusicModel
    context: MusicalContext
    layout: Layout
    canvas: Canvas
    windows: tuple[Window, ...]

    @property
    def device(self) -> torch.device:
        """Where the model runs."""
        return self.model.device if isinstance(self.model, OnDevice) else torch.device("cpu")

    @property
    def inverts(self) -> bool:
        """Whether each window begins as the noise in which the model hears the clip."""
        return self.request.task == "vary"

    @property
    def resamples(self) -> bool:
        """Whether new music is drawn from given noise, without a search."""
        return self.request.start is not None and self.request.start.mode == "resample"

    def noise(self, take: int, window: int) -> Latents:
        """Return the initial noise of one window of one take: what is given, else fresh."""
        given = self.given_noise(window)
        return self.fresh_noise(take, window) if given is None else given

    def given_noise(self, window: int) -> Latents | None:
        """Return the noise that the request starts this window from; None: none is given."""
        start = self.request.start
        if start is None or window >= len(start.noise):
            return None
        return start.noise[window].float().to(self.device)

    def fresh_noise(self, take: int, window: int) -> Latents:
        """Return noise that depends on nothing but the take's seed and the plan.

        So that a resumed job draws the same.
        """
        generator = torch.Generator().manual_seed(self.request.seed + take)
        draws = [
            torch.randn(self.latents_shape(w), generator=generator)
            for w in self.windows[: window + 1]
        ]
        return draws[-1].to(self.device)

    def latents_shape(self, window: Window) -> tuple[int, int, int]:
        """Return the shape of the model's shortest window that holds `window`."""
        return self.model.latents_shape(window.samples / self.model.sample_rate)

    @cached_property
    def original(self) -> Samples:
        """The whole clip as the model hears it; where a canvas begins with it (vary)."""
        audio = with_channels(self.clip.audio.float(), self.model.channels)
        heard = resample(audio, self.clip.sample_rate, self.model.sample_rate)
        missing = max(0, self.canvas.audio.shape[-1] - heard.shape[-1])
        return torch.nn.functional.pad(heard, (0, missing))
