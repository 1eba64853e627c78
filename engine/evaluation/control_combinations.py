"""Two objectives at once: how much of what each reaches alone is kept?

    kept = (without - together) / (without - alone)      in the objective's own measure

Intensity, melody and structure in the same setting, beside the rows of each alone. Outpainting with
intensity on the new part: the overlap by its loss, as the result holds the clip itself there; the
level beside the same curve where no overlap is asked. Source: DITTO, appendix H and table 9.
"""

from dataclasses import replace

from engine.controls import Intensity
from engine.evaluation.control_cases import Cases
from engine.evaluation.control_clips import KnownClip, bundled_clips
from engine.evaluation.control_measures import SAMPLE_RATE, Signal, intensity_curve, intensity_error
from engine.evaluation.control_runs import Row, make, measure, request_of, row_of
from engine.evaluation.control_targets import SECONDS, TARGETS

PAIRS = {
    "intensity + melody": ("intensity", "melody"),
    "intensity + structure": ("intensity", "structure"),
    "melody + structure": ("melody", "structure"),
}
OUTPAINT = "outpaint + intensity"
NEW_SECONDS = 3.0
"""New material of outpainting; about as much of the clip is heard beside it."""


def combined(cases: Cases, name: str, number: int, seed: int) -> Row:
    """Return the row of a pair of PAIRS; what each does alone is made if it is not there."""
    alone = [cases.single(control, number, seed) for control in PAIRS[name]]
    targets = [TARGETS[control][number] for control in PAIRS[name]]
    title = ", ".join(target.name for target in targets)

    def work() -> Row:
        setting = targets[0].setting
        request = request_of(setting, SECONDS, seed, cases.quality)
        request = replace(request, controls=tuple(target.control for target in targets))
        made = make(request, None, cases.model)
        reached = {k: v for t in targets for k, v in measure(t.control, made.audio).items()}
        return row_of(
            name,
            title,
            setting,
            request,
            before=(
                cases.without_control(setting, SECONDS, seed).audio,
                {k: v for row in alone for k, v in row.before.items()},
            ),
            after=(made, reached),
            alone={k: v for row in alone for k, v in row.after.items()},
        )

    return cases.rows.get((name, title, seed, cases.quality), work)


def outpainted(cases: Cases, number: int, seed: int) -> Row:
    """Return the row of a bundled clip that goes on while its level moves as a target does."""
    clips = bundled_clips()
    known = clips[number % len(clips)]
    title = f"{known.name}, {TARGETS['intensity'][number].name}"

    def work() -> Row:
        setting, model = known.setting, cases.model
        curve, after_clip = _curves(known, number)
        free = request_of(setting, NEW_SECONDS, seed, cases.quality)
        goes_on = replace(free, task="outpaint")
        only_overlap = make(goes_on, known.clip, model)
        only_level = make(replace(free, controls=(curve,)), None, model)
        steered = replace(goes_on, controls=(after_clip,))
        both = make(steered, known.clip, model)

        def error(audio: Signal) -> float:
            return intensity_error(audio[:, -round(NEW_SECONDS * SAMPLE_RATE) :], curve.points)

        return row_of(
            OUTPAINT,
            title,
            setting,
            steered,
            before=(
                only_overlap.audio,
                {
                    "overlap": only_overlap.take.first_losses["overlap"],
                    "intensity": error(only_overlap.audio),
                },
            ),
            after=(
                both,
                {
                    "overlap": both.take.losses["overlap"],
                    "intensity": error(both.audio),
                },
            ),
            alone={
                "overlap": only_overlap.take.losses["overlap"],
                "intensity": error(only_level.audio),
            },
        )

    return cases.rows.get((OUTPAINT, title, seed, cases.quality), work)


def _curves(known: KnownClip, number: int) -> tuple[Intensity, Intensity]:
    """Return a target's movement in NEW_SECONDS around the clip's level: from 0, and after it."""
    target = TARGETS["intensity"][number]
    assert isinstance(target.control, Intensity)
    assert known.clip.sample_rate == SAMPLE_RATE
    level = float(intensity_curve(known.clip.audio.numpy()).mean())
    points = tuple(
        (time * NEW_SECONDS / SECONDS, level + asked - target.setting.level)
        for time, asked in target.control.points
    )
    length = known.clip.audio.shape[-1] / SAMPLE_RATE
    return Intensity(points=points), Intensity(
        points=tuple((length + time, asked) for time, asked in points)
    )
