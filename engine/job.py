"""What all takes and windows of a request share: the timeline, the plan, the first noise.

Seconds are those of the result, whose first sample is at 0.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import torch

from engine.canvas import Canvas
from engine.controls import (
    Control,
    Intensity,
    Melody,
    Reference,
    Repeat,
    Structure,
    TextMatch,
)
from engine.frugality import LAVISH, Frugality
from engine.layout import Layout
from engine.listening import Listening
from engine.matching import is_silent
from engine.models.clap import Clap
from engine.models.music_model import MusicalContext, MusicModel, OnDevice
from engine.quality import sampler_steps
from engine.rate import resample, with_channels
from engine.references import lead_notes, loudness_points
from engine.requests import Clip, Request
from engine.shapes import Latents, Samples
from engine.windows import Window


def kind(control: Control) -> str:
    """Return the name of the objective that `control` becomes."""
    match control:
        case Intensity():
            return "intensity" if control.match == "level" else "shape"
        case Melody():
            return "melody"
        case Structure():
            return "structure"
        case Repeat():
            return "repeat"
        case TextMatch():
            return "text"
    raise TypeError(f"{type(control).__name__} is no control of music")


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
    asked: tuple[frozenset[str], ...] = ()
    """The kinds of the controls that ask for something, window by window."""
    clap: Clap | None = None
    frugality: Frugality = LAVISH

    @property
    def listening(self) -> Listening:
        """How the music that is made is heard."""
        return Listening(self.model, decode_frames=self.decode_frames)

    @property
    def decode_frames(self) -> int | None:
        """Latent frames to decode at a time; None: all at once."""
        share = self.frugality.decode_share
        return None if share == 1 else max(1, int(share * self.model.max_latent_frames))

    @property
    def device(self) -> torch.device:
        """Where the model runs."""
        return self.model.device if isinstance(self.model, OnDevice) else torch.device("cpu")

    @property
    def steps(self) -> int:
        """Steps of the sampler."""
        return sampler_steps(self.request.quality, self.model)

    def surrogate_steps(self, window: Window) -> int:
        """Return the sampler steps of the surrogate in `window`; 0: none."""
        return self.request.surrogate if self.kinds(window) else 0

    @property
    def inverts(self) -> bool:
        """Whether each window begins as the noise in which the model hears the clip."""
        request = self.request
        if request.task != "vary" or self.resamples or is_silent(self.clip.audio):
            return False
        # At full strength nothing of the clip's noise would be left.
        return request.strength < 1 or request.start is not None

    @property
    def is_settled(self) -> bool:
        """Whether the noise is what it shall be before any search: given, or the clip's own."""
        request = self.request
        untouched = request.strength == 0 and not request.controls and not request.prompt
        return self.resamples or (self.inverts and untouched)

    def kinds(self, window: Window) -> frozenset[str]:
        """Return what the search in `window` is about, by the names of its objectives.

        The paper's own settings have no objectives but the paper's.
        """
        if self.is_settled:
            return frozenset()
        found = set(self.asked[self.windows.index(window)])
        if self.request.quality != "paper":
            found |= {"texture"} if found - {"text"} else set()
        found |= {"overlap"} if window.keep else set()
        return frozenset(found)

    @cached_property
    def controls(self) -> tuple[Control, ...]:
        """What is asked, with the curves and notes that recordings show in their place."""
        return tuple(self._read(control) for control in self.request.controls)

    def begin(self, control: Control) -> float:
        """Return where in the result (s) begins what `control` asks for."""
        if control.region is not None:
            return control.region[0]
        return self.layout.new[0][0] / self.clip.sample_rate

    def _read(self, control: Control) -> Control:
        begin = self.begin(control)
        match control:
            case Intensity(reference=Reference() as reference):
                points = loudness_points(reference, Listening(self.model))
                points = tuple((begin + seconds, level) for seconds, level in points)
                return replace(control, points=points, reference=None)
            case Melody(reference=Reference() as reference, reading="lead"):
                notes = tuple(
                    replace(note, start=begin + note.start, end=begin + note.end)
                    for note in lead_notes(reference)
                )
                return replace(control, notes=notes, reference=None)
        return control

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

    def inversion_noise(self, window: int) -> Latents:
        """Return the noise that tops up the inversion of a window; all takes share it."""
        return self._drawn(window, 1, stream=0)[0]

    def renewals(self, take: int, window: int) -> tuple[Latents, ...]:
        """Return the noises that make a take other music of given noise; () where nothing does."""
        if not self.resamples:
            return ()
        return self._drawn(window, self.steps - 1, stream=1 + take)

    def _drawn(self, window: int, count: int, *, stream: int) -> tuple[Latents, ...]:
        # Far from the seeds of the takes: what is added must not be what it is added to.
        seed = (self.request.seed + stream) + (window + 1) * 2**54
        generator = torch.Generator().manual_seed(seed)
        shape = self.latents_shape(self.windows[window])
        draws = [torch.randn(shape, generator=generator) for _ in range(count)]
        return tuple(noise.to(self.device) for noise in draws)

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
