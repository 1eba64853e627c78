"""What a task must be beyond what its type says: every breach at once, where and what to do.

Asked by the client before a task leaves and by the daemon before it is accepted. What depends on
the audio or on the model is the engine's to refuse.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise
from math import isfinite
from typing import get_args

from .controls import AnyControl, Intensity, Melody, Repeat, Structure, TextMatch
from .framing import pack
from .parts import ENVELOPE_BYTES, HEADER_BYTES, AudioRef, Region
from .values import Generate, Inpaint, Kind, Task

LARGEST_SEED = 2**53
TASK_BYTES = HEADER_BYTES - ENVELOPE_BYTES
TOUCHING = 1e-6
"""Seconds by which a note may begin before the one before has ended: rounding, not music."""
KINDS = get_args(Kind)
CONTROLS = get_args(AnyControl)
MESSAGE_CHARACTERS = 1900
TEXT_HEAD_BYTES = 3
"""Before a text of this length at the most, in MessagePack."""
NO_TAGS: Mapping[str, str] = {}

Breaches = Iterator[str]


def kinds_of(task: Task) -> tuple[Kind, ...]:
    """Return the kinds among the objectives: one, if the task keeps the rules."""
    return tuple(objective for objective in task.objectives if isinstance(objective, KINDS))


def controls_of(task: Task) -> dict[str, AnyControl]:
    """Return the controls by the name a person would give them: "melody", "melody 2"."""
    named: dict[str, AnyControl] = {}
    for control in task.objectives:
        if isinstance(control, CONTROLS):
            tag = tag_of(control)
            number = 1 + sum(tag_of(other) == tag for other in named.values())
            named[tag if number == 1 else f"{tag} {number}"] = control
    return named


def audio_of(task: Task) -> dict[str, AudioRef]:
    """Return all audio that the task names: "clip", "melody reference"."""
    audio = {} if task.clip is None else {"clip": task.clip}
    for name, control in controls_of(task).items():
        if isinstance(control, Intensity | Melody | Structure) and control.reference is not None:
            audio[f"{name} reference"] = control.reference
    return audio


def blobs_of(task: Task) -> frozenset[bytes]:
    """Return the digests of all blobs that the task names."""
    noise = () if task.start is None else (task.start.noise,)
    return frozenset((*(ref.sha for ref in audio_of(task).values()), *noise))


def tag_of(objective: Kind | AnyControl) -> str:
    """Return what the wire calls the objective."""
    return str(objective.__struct_config__.tag)


def breaches(task: Task, tags: Mapping[str, str] = NO_TAGS) -> tuple[str, ...]:
    """Return a sentence or two for each rule that the task breaks; () if it keeps them all."""
    named = controls_of(task)
    found = [*_of_the_kind(task), *_of_the_whole(task, tags)]
    for name, control in named.items():
        found += [f"{name}: {said}" for said in _of_a_control(control)]
    return (*found, *_of_pairs(named))


def as_message(found: tuple[str, ...]) -> str:
    """Return the breaches as one text, a line each, as long as a failure may be."""
    lines: list[str] = []
    for line in found:
        if sum(len(line) + 1 for line in (*lines, line)) > MESSAGE_CHARACTERS:
            return "\n".join((*lines, f"And {len(found) - len(lines)} more."))
        lines.append(line)
    return "\n".join(lines)


# ---- the rules -------------------------------------------------------------------------------


def _of_the_kind(task: Task) -> Breaches:
    kinds = kinds_of(task)
    if len(kinds) != 1:
        got = ", ".join(tag_of(kind) for kind in kinds) or "none"
        choice = ", ".join(str(kind.__struct_config__.tag) for kind in KINDS)
        yield (
            f"objectives: a job is of exactly one kind ({choice}); got {got}. "
            "Send one job for each kind."
        )
    is_generated = any(isinstance(kind, Generate) for kind in kinds)
    if is_generated and task.clip is not None:
        yield "clip: generating takes no clip. Leave the clip out, or vary it."
    if kinds and not is_generated and task.clip is None:
        yield "clip: there is no clip to work on. Send one with the task."
    for kind in kinds:
        if isinstance(kind, Inpaint):
            for number, region in enumerate(kind.regions, start=1):
                yield from _of_a_region(f"inpaint: region {number}", region)
    repeats = {n: c for n, c in controls_of(task).items() if isinstance(c, Repeat)}
    if not repeats and any(isinstance(kind, Generate) and not kind.seconds for kind in kinds):
        yield "generate: no length is given. Say how many seconds of music there shall be."
    for name, control in repeats.items():
        if not is_generated:
            yield f"{name}: music repeats only where all of it is generated. Leave the repeat out."
        for kind in kinds:
            length = kind.seconds if isinstance(kind, Generate) else float("inf")
            if control.unit == "seconds" and 0 < length < control.period:
                yield (
                    f"{name}: a period of {control.period:g} s does not fit into {length:g} s of "
                    "music. Generate at least one period."
                )


def _of_the_whole(task: Task, tags: Mapping[str, str]) -> Breaches:
    if task.seed + task.takes - 1 > LARGEST_SEED:
        yield f"seed: the last take's seed would exceed {LARGEST_SEED}. Lower the seed."
    size = len(pack(task)) + sum(
        TEXT_HEAD_BYTES + len(text.encode()) for tag in tags.items() for text in tag
    )
    if size > TASK_BYTES:
        yield (
            f"task: it has {size} bytes and {TASK_BYTES} fit into a message. Use fewer points, "
            "notes or sections, or follow a reference."
        )


def _of_a_control(control: AnyControl) -> Breaches:
    if control.region is not None:
        yield from _of_a_region("region", control.region)
    match control:
        case Intensity():
            yield from _one_of(control, "points")
            yield from _of_points(control)
        case Melody():
            yield from _one_of(control, "notes")
            yield from _of_notes(control)
        case Structure():
            yield from _one_of(control, "sections")
            labelled = [section for section in control.sections if section.label]
            if control.sections and len(labelled) < 2:
                yield "fewer than two sections have a label. Give two that are alike or differ."
        case Repeat():
            if control.region is not None:
                yield "all of the music repeats, not a region of it. Leave the region out."
        case TextMatch():
            if not control.description.strip():
                yield "the description is empty. Say what the music shall sound like."


def _one_of(control: Intensity | Melody | Structure, values: str) -> Breaches:
    has_values, has_reference = bool(getattr(control, values)), control.reference is not None
    if has_values and has_reference:
        yield f"both {values} and a reference are given. Keep one of the two."
    if not has_values and not has_reference:
        yield f"neither {values} nor a reference is given. Give one of the two."


def _of_points(control: Intensity) -> Breaches:
    if len(control.points) == 1:
        yield "a single point is no curve. Add at least a second one."
    for number, (time, level) in enumerate(control.points, start=1):
        if not (isfinite(time) and isfinite(level)):
            yield f"point {number} is not finite: {time:g} s, {level:g} dB. Give numbers."
    for number, ((earlier, _), (later, _)) in enumerate(pairwise(control.points), start=2):
        if later <= earlier:
            yield (
                f"point {number} at {later:g} s does not come after the one at {earlier:g} s. "
                "Put the points in order, one for each time."
            )


def _of_notes(control: Melody) -> Breaches:
    if control.notes and control.reading != "lead":
        yield f"reading {control.reading!r} is about a reference, not about notes. Leave it out."
    for number, note in enumerate(control.notes, start=1):
        if not note.end > note.start:
            got = f"{note.start:g} to {note.end:g} s"
            yield f"note {number} must end after it starts; got {got}. Make it longer."
    for number, (one, two) in enumerate(pairwise(control.notes), start=2):
        if not two.start >= one.end - TOUCHING:
            yield (
                f"note {number} starts at {two.start:g} s, before the one before it ends at "
                f"{one.end:g} s. Give one voice, its notes in order."
            )


def _of_a_region(name: str, region: Region) -> Breaches:
    if not region.end > region.start:
        got = f"{region.start:g} to {region.end:g} s"
        yield f"{name} must end after it starts; got {got}. Swap the two."


def _of_pairs(named: dict[str, AnyControl]) -> Breaches:
    for (name, one), (other, two) in combinations(named.items(), 2):
        if type(one) is type(two) and _overlap(one.region, two.region):
            yield (
                f"{other}: it asks about the same time as {name}. Give each a region of its own."
            )


def _overlap(one: Region | None, two: Region | None) -> bool:
    return one is None or two is None or (one.start < two.end and two.start < one.end)
