"""A complete, checked request: from the words of a command, or from a document.

Everything that is wrong with it is found before anything is sent, and told at once.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from bridge.cli.checks import refuse_objective
from bridge.cli.inputs import Inputs
from bridge.cli.options import Wishes
from bridge.cli.targets import OPTIONS, controls_of
from bridge.cli.tasks import broken_rules, task_of
from bridge.documents import read_document, read_manifest
from bridge.errors import BridgeError
from bridge.fitting import misfits
from bridge.formats.problems import Problems, ProblemsError
from bridge.gains import from_gain
from bridge.spec import AudioFile, Control, Intensity, Manifest, Melody, Spec, Start, Structure
from bridge.timeline import Timeline, clip_start, timeline
from bridge.version import installed_version
from plugin_protocol.values import Kind, Music, Task


@dataclass(frozen=True)
class Request:
    """A spec with the audio it names; `made_before` is the manifest it comes from, if any."""

    spec: Spec
    inputs: Inputs
    notes: list[str] = field(default_factory=list)
    made_before: Manifest | None = None

    def task(self) -> Task:
        """Return the request as it is sent."""
        return task_of(self.spec, lambda file: self.inputs.get(file).ref)


def from_words(job: Kind, clip: Path | None, wishes: Wishes) -> Request:
    """Return the request of a command line. Raises ProblemsError."""
    problems, inputs, notes = Problems(), Inputs(), list[str]()
    file = AudioFile(path=str(clip)) if clip is not None else None
    line = _line(job, file, inputs, problems)
    asked = controls_of(wishes, line, problems, notes.append)
    spec = Spec(
        job=job,
        clip=file,
        controls=asked,
        balance=wishes.balance,
        start=_start(wishes, problems),
        model=wishes.model,
        prompt=wishes.prompt,
        seed=wishes.seed,
        takes=wishes.takes,
        quality=wishes.quality,
        music=Music(bpm=wishes.bpm, beat_offset=wishes.beat_offset, key=wishes.key),
    )
    places = [OPTIONS[_kind_of(control)] for control in asked]
    problems.add(*broken_rules(spec, places, "--"), *misfits(spec, line, places))
    return Request(_known(spec, inputs, problems, places), inputs, notes)


def from_document(path: Path) -> Request:
    """Return the request that a spec or a manifest holds. Raises ProblemsError."""
    document = read_document(path)
    if isinstance(document, Manifest):
        return from_spec(document.spec, f"{path}, ", before=document)
    return from_spec(document, f"{path}, ")


def from_spec(spec: Spec, place: str, *, before: Manifest | None = None) -> Request:
    """Return a spec as a request; `place` says in sentences where it stands. Raises ProblemsError.

    `before` is the manifest it comes from.
    """
    problems, inputs = Problems(), Inputs()
    line = _line(spec.job, spec.clip, inputs, problems)
    places = [
        f"{place}$.controls[{number}] ({_kind_of(control)})"
        for number, control in enumerate(spec.controls)
    ]
    problems.add(*broken_rules(spec, places, place), *misfits(spec, line, places))
    notes = _other_versions(before) if before else []
    return Request(_known(spec, inputs, problems, places), inputs, notes, before)


def _line(job: Kind, clip: AudioFile | None, inputs: Inputs, problems: Problems) -> Timeline:
    """Return the result's timeline; endless where the clip cannot be used, to go on checking."""
    try:
        recording = inputs.get(clip).recording if clip else None
        refuse_objective(job, recording)
    except BridgeError as error:
        problems.add(*(error.sentences if isinstance(error, ProblemsError) else [str(error)]))
        return Timeline(((0.0, math.inf),), math.inf)
    return timeline(job, recording.seconds if recording else 0.0)


def _known(spec: Spec, inputs: Inputs, problems: Problems, places: Sequence[str]) -> Spec:
    """Return the spec with the digest of every file, unless there is a reason to refuse it."""
    asked: list[Control] = []
    for control, where in zip(spec.controls, places, strict=True):
        with problems.collected():
            if isinstance(control, Intensity) and control.match == "gain":
                clip = inputs.get(spec.clip).recording if spec.clip else None
                begins = clip_start(spec.job)
                asked.append(from_gain(control, clip, where, clip_start=begins))
            elif isinstance(control, Intensity | Melody | Structure) and control.reference:
                asked.append(replace(control, reference=inputs.known(control.reference)))
            else:
                asked.append(control)
    problems.refuse()
    file = inputs.known(spec.clip) if spec.clip else None
    return replace(spec, clip=file, controls=tuple(asked))


def _start(wishes: Wishes, problems: Problems) -> Start | None:
    """Return the noise to begin with, from an earlier result."""
    if wishes.start_from is None:
        if wishes.resample or wishes.from_take is not None:
            option = "--resample" if wishes.resample else "--from-take"
            problems.add(f"{option} is about an earlier result. Name it with --from.")
        return None
    with problems.collected():
        manifest = read_manifest(wishes.start_from)
        takes, number = manifest.outputs, wishes.from_take or 1
        if number > len(takes):
            problems.add(
                f"--from-take {number}: {wishes.start_from} has {len(takes)} takes. "
                f"Give 1 to {len(takes)}."
            )
        elif (noise := takes[number - 1].noise) is None:
            problems.add(f"{wishes.start_from} keeps no noise to go on from. Make it once more.")
        elif manifest.model.name != wishes.model:
            problems.add(
                f"{wishes.start_from} was made by the model '{manifest.model.name}', and its noise "
                f"means nothing to '{wishes.model}'. Use --model {manifest.model.name}."
            )
        else:
            return Start(noise=noise, mode="resample" if wishes.resample else "continue")
    return None


def _other_versions(before: Manifest) -> list[str]:
    """Return a sentence if this installation is another than the one that made the result."""
    theirs, ours = before.versions.get("ditto", "unknown"), installed_version()
    if theirs == ours:
        return []
    return [f"It was made by ditto {theirs}, this is {ours}: the result may differ."]


def _kind_of(control: Control) -> str:
    return str(control.__struct_config__.tag)
