"""A request for music as one JSON document: every option, with its audio as files.

`ditto COMMAND --print-spec` writes one, `ditto run` carries one out, and the manifest beside every
result holds the one that makes it again. Numbers survive the way through JSON bit by bit.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec.structs import asdict

from plugin_protocol import controls
from plugin_protocol.parts import ModelName, Part, Prompt, Seed
from plugin_protocol.values import Kind, Music, Quality

SPEC, MANIFEST = "ditto-spec/1", "ditto-manifest/2"

Sha = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class AudioFile(Part, frozen=True, kw_only=True):
    """An audio file, and the SHA-256 of its samples as the daemon gets them; None: any."""

    path: Annotated[str, Meta(min_length=1)]
    sha256: Sha | None = None


class Intensity(controls.Control, frozen=True, kw_only=True, tag="intensity"):
    """As on the wire, but the reference is a file; "gain" counts from the clip's own level."""

    points: tuple[tuple[float, float], ...] = ()
    reference: AudioFile | None = None
    match: Literal["level", "shape", "gain"] = "level"


class Melody(controls.Control, frozen=True, kw_only=True, tag="melody"):
    """As on the wire, but the reference is a file."""

    notes: tuple[controls.Note, ...] = ()
    reference: AudioFile | None = None
    reading: Literal["lead", "harmony"] = "lead"


class Structure(controls.Control, frozen=True, kw_only=True, tag="structure"):
    """As on the wire, but the reference is a file."""

    sections: tuple[controls.Section, ...] = ()
    unit: controls.Unit = "seconds"
    reference: AudioFile | None = None


Control = Intensity | Melody | Structure | controls.Repeat | controls.TextMatch


class Start(Part, frozen=True, kw_only=True):
    """Noise of an earlier take, by its digest."""

    noise: Sha
    mode: Literal["continue", "resample"] = "continue"


class Spec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides what the music will be."""

    schema: Literal["ditto-spec/1"] = "ditto-spec/1"
    job: Kind
    clip: AudioFile | None = None
    controls: Annotated[tuple[Control, ...], Meta(max_length=15)] = ()
    balance: bool = False
    start: Start | None = None
    model: ModelName = "embedded"
    prompt: Prompt = ""
    seed: Seed = 0
    takes: Annotated[int, Meta(ge=1, le=8)] = 1
    quality: Quality = "normal"
    music: Music = Music()


class MadeTake(Struct, frozen=True, kw_only=True):
    """What a manifest says about a take and others need."""

    seed: Seed
    noise: Sha | None = None


class Model(Struct, frozen=True, kw_only=True):
    """The model that made a result."""

    name: str
    digest: str


class Manifest(Struct, frozen=True, kw_only=True):
    """The part of a manifest that makes a result again; the rest is for people."""

    schema: Literal["ditto-manifest/2"]
    spec: Spec
    model: Model
    versions: dict[str, str]
    outputs: Annotated[tuple[MadeTake, ...], Meta(min_length=1)]


def plain(value: Any) -> Any:
    """Return structs as maps with every field, bytes as hex: what JSON can hold.

    Unlike msgspec's own conversion this keeps the fields that have their default.
    """
    if isinstance(value, Struct):
        fields = {name: plain(field) for name, field in asdict(value).items()}
        if value.__struct_config__.array_like:
            return [*fields.values()]
        kind = value.__struct_config__.tag
        return {"kind": kind, **fields} if kind else fields
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value
