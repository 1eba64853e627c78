"""A spec as the task that is sent, and the protocol's rules told in the words of whoever asked."""

from collections.abc import Callable, Sequence

from msgspec.structs import asdict

from bridge.spec import AudioFile, Control, Intensity, Melody, Spec, Structure
from plugin_protocol import controls
from plugin_protocol.rules import breaches, controls_of
from plugin_protocol.values import AudioRef, Objective, Start, Task

_ON_THE_WIRE = {
    Intensity: controls.Intensity,
    Melody: controls.Melody,
    Structure: controls.Structure,
}
_ANY_AUDIO = AudioRef(sha=bytes(32), format="f32le", sample_rate=44_100, channels=1, frames=1)
"""Stands for every file while the rules are asked, which do not look into it."""


def task_of(spec: Spec, audio: Callable[[AudioFile], AudioRef]) -> Task:
    """Return the spec as it is sent; `audio` describes its files."""
    objectives: list[Objective] = [spec.job]
    objectives += [_on_the_wire(control, audio) for control in spec.controls]
    start = spec.start
    return Task(
        objectives=tuple(objectives),
        clip=audio(spec.clip) if spec.clip else None,
        model=spec.model,
        prompt=spec.prompt,
        seed=spec.seed,
        takes=spec.takes,
        quality=spec.quality,
        music=spec.music,
        balance=spec.balance,
        start=Start(noise=bytes.fromhex(start.noise), mode=start.mode) if start else None,
    )


def broken_rules(spec: Spec, places: Sequence[str], elsewhere: str) -> list[str]:
    """Return a sentence for every rule of the protocol that the spec breaks.

    `places` are where its controls were asked for; what is about no control is said to be at
    `elsewhere`. Regions to inpaint are the matter of `checks`, which knows the clip.
    """
    task = task_of(spec, lambda _: _ANY_AUDIO)
    known = dict(zip(controls_of(task), places, strict=True))
    sentences = []
    for breach in breaches(task):
        name, _, said = breach.partition(": ")
        if name == "inpaint":
            continue
        sentences.append(f"{known.get(name, f'{elsewhere}{name}')}: {said}")
    return sentences


def _on_the_wire(control: Control, audio: Callable[[AudioFile], AudioRef]) -> controls.AnyControl:
    if isinstance(control, Intensity | Melody | Structure):
        reference = audio(control.reference) if control.reference else None
        return _ON_THE_WIRE[type(control)](**(asdict(control) | {"reference": reference}))
    return control
