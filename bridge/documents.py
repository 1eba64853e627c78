"""Specs and manifests as files: read with every error named by its place, and where they lie."""

import re
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bridge.formats.problems import ProblemsError
from bridge.formats.tables import text_of
from bridge.spec import MANIFEST, SPEC, AudioFile, Intensity, Manifest, Melody, Spec, Structure

_WORDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}

_Decoded = TypeVar("_Decoded")


class _Envelope(Struct, frozen=True):
    schema: str


def read_document(path: Path) -> Spec | Manifest:
    """Return what a file says; paths in it become absolute. Raises ProblemsError."""
    text = text_of(path).encode()
    schema = decoded(path, text, _Envelope).schema
    if schema == MANIFEST:
        manifest = decoded(path, text, Manifest)
        return replace(manifest, spec=anchored(manifest.spec, path))
    if schema == SPEC:
        return anchored(decoded(path, text, Spec), path)
    raise ProblemsError(
        [
            f"{path}, $.schema: '{schema}' is unknown here. '{SPEC}' is what --print-spec writes; "
            f"'{MANIFEST}' lies beside every result."
        ]
    )


def read_manifest(path: Path) -> Manifest:
    """Return the manifest at `path`, or the one beside the music there. Raises ProblemsError."""
    beside = path if path.suffix.lower() == ".json" else manifest_path(path)
    document = read_document(beside)
    if isinstance(document, Manifest):
        return document
    raise ProblemsError(
        [f"{beside} is a spec, of which nothing was made yet. Give the manifest beside a result."]
    )


def manifest_path(out: Path) -> Path:
    """Return where the manifest of a result lies: OUT.ditto.json instead of OUT.wav."""
    return out.with_suffix(".ditto.json")


def decoded(path: Path, text: bytes, kind: type[_Decoded]) -> _Decoded:
    """Return the JSON of `path` as a struct. Raises ProblemsError naming the place."""
    try:
        return msgspec.json.decode(text, type=kind, strict=True)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `")
        for name, words in _WORDS.items():
            reason = reason.replace(f"`{name}`", words)
        reason = re.sub(r"`(?=.*`)([^`]*)`", r"'\1'", reason)
        raise ProblemsError(
            [
                f"{path}, {place.rstrip('`') or '$'}: {reason[:1].lower()}{reason[1:]}. "
                "--print-spec on any command shows a document that fits."
            ]
        ) from error
    except msgspec.DecodeError as error:
        raise ProblemsError([f"{path} is no JSON: {error}. Save it again."]) from error


def anchored(spec: Spec, document: Path) -> Spec:
    """Return the spec with paths that are relative to its document as absolute ones."""

    def anchor(file: AudioFile | None) -> AudioFile | None:
        if file is None:
            return None
        return replace(file, path=str((document.parent / file.path).resolve()))

    return replace(
        spec,
        clip=anchor(spec.clip),
        controls=tuple(
            replace(control, reference=anchor(control.reference))
            if isinstance(control, Intensity | Melody | Structure)
            else control
            for control in spec.controls
        ),
    )
