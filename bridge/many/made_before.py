"""What need not be made again: its music is there, and the manifest beside it says of what."""

from msgspec.structs import asdict, replace

from bridge.cli.order import Order
from bridge.documents import read_manifest
from bridge.formats.problems import ProblemsError
from bridge.spec import AudioFile, Intensity, Melody, Spec, Structure
from plugin_protocol.values import Music


def is_made_of_the_same(order: Order) -> bool:
    """Return whether all takes are there and were made of the same request.

    Of the same audio, wherever its files lay; tempo, downbeat and key that are left to the daemon
    may be any.
    """
    made = _made(order)
    if made is None:
        return False
    asked = order.request.spec
    estimated = {
        name: value
        for name, value in asdict(made.music).items()
        if getattr(asked.music, name) is None
    }
    return _without_paths(replace(asked, music=Music(**asdict(asked.music) | estimated))) == (
        _without_paths(made)
    )


def is_made_of_the_clip(order: Order) -> bool:
    """Return whether all takes are there and were made of the same clip, however they were."""
    made, clip = _made(order), order.request.spec.clip
    return made is not None and made.clip is not None and _nowhere(made.clip) == _nowhere(clip)


def _made(order: Order) -> Spec | None:
    """Return what the music that is there was made of; None where any of it is missing."""
    if order.manifest is None:
        return None
    try:
        manifest = read_manifest(order.manifest)
    except ProblemsError:
        return None
    # Fewer than were asked for, where the job was finished early.
    outputs = order.outputs[: len(manifest.outputs)]
    return manifest.spec if all(output.exists() for output in outputs) else None


def _without_paths(spec: Spec) -> Spec:
    controls = tuple(
        replace(control, reference=_nowhere(control.reference))
        if isinstance(control, Intensity | Melody | Structure)
        else control
        for control in spec.controls
    )
    return replace(spec, clip=_nowhere(spec.clip), controls=controls)


def _nowhere(file: AudioFile | None) -> AudioFile | None:
    return replace(file, path="-") if file else None
