"""The rows of each control: what is made, what it is measured beside.

single controls   a target's music with the control, beside the same seed without
inversion         a clip that is to come back through the model, beside the codec's round trip
combinations      two controls at once, beside each alone; see `control_combinations`
"""

from dataclasses import dataclass, field, replace

import torch

from engine.evaluation import control_measures as measures
from engine.evaluation.control_clips import KnownClip, inversion_clips
from engine.evaluation.control_measures import Signal
from engine.evaluation.control_runs import Made, Row, Rows, make, measure, request_of, row_of
from engine.evaluation.control_targets import TARGETS, Setting
from engine.models.music_model import MusicModel
from engine.rate import resample, with_channels

INVERSION = "inversion"
INVERSION_CLIPS = 8


@dataclass(frozen=True)
class Cases:
    """What rows need: the model, the quality, the rows there are. Plain music is made once."""

    model: MusicModel
    quality: str
    rows: Rows
    plain: dict[tuple[Setting, float, int], Made] = field(default_factory=dict)
    clips: list[KnownClip] = field(default_factory=list)

    def single(self, control: str, number: int, seed: int) -> Row:
        """Return the row of target `number` of a control of TARGETS."""
        target = TARGETS[control][number]

        def work() -> Row:
            request = request_of(target.setting, target.seconds, seed, self.quality)
            before = self.without_control(target.setting, target.seconds, seed)
            steered = replace(request, controls=(target.control,))
            made = make(steered, None, self.model)
            return row_of(
                control,
                target.name,
                target.setting,
                steered,
                before=(before.audio, measure(target.control, before.audio)),
                after=(made, measure(target.control, made.audio)),
            )

        return self.rows.get((control, target.name, seed, self.quality), work)

    def without_control(self, setting: Setting, seconds: float, seed: int) -> Made:
        """Return what the model plays in a setting by itself."""
        key = (setting, seconds, seed)
        if key not in self.plain:
            request = request_of(setting, seconds, seed, self.quality)
            self.plain[key] = make(request, None, self.model)
        return self.plain[key]

    def inversion(self, number: int, seed: int) -> Row:
        """Return the row of a clip that is to come back: how much worse than from the codec."""
        if not self.clips:
            self.clips.extend(inversion_clips(self.model))
        known = self.clips[number]

        def work() -> Row:
            setting, clip = known.setting, known.clip
            seconds = clip.audio.shape[-1] / clip.sample_rate
            request = request_of(setting, seconds, seed, self.quality)
            steered = replace(request, task="vary", seconds=0.0, strength=0.0)
            before = self.without_control(setting, seconds, seed)
            made = make(steered, clip, self.model)
            wanted, through_codec = self._round_trip(known)
            floor = measures.mel_distance(through_codec, wanted)
            return row_of(
                INVERSION,
                known.name,
                setting,
                steered,
                before=(before.audio, _excess(before.audio, wanted, floor)),
                after=(made, _excess(made.audio, wanted, floor)),
            )

        return self.rows.get((INVERSION, known.name, seed, self.quality), work)

    def _round_trip(self, known: KnownClip) -> tuple[Signal, Signal]:
        """Return a clip, and the same from the codec, both (channels, samples) at 44.1 kHz."""
        model, clip = self.model, known.clip
        heard = resample(clip.audio, clip.sample_rate, model.sample_rate)
        window = with_channels(heard, model.channels)
        missing = model.latents_shape(0)[-1] * model.hop_length - window.shape[-1]
        padded = torch.nn.functional.pad(window, (0, max(0, missing)))
        decoded = model.decode(model.encode_audio(padded[None]))[0, :, : window.shape[-1]]
        wanted, back = (
            resample(audio, model.sample_rate, measures.SAMPLE_RATE).numpy()
            for audio in (window, decoded.cpu())
        )
        return wanted, back


def _excess(audio: Signal, wanted: Signal, floor: float) -> dict[str, float]:
    return {INVERSION: measures.mel_distance(audio, wanted) - floor}
