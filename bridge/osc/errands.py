"""One request as a job folder: written, made again with the next seed, delivered.

Beside the folder's own files lies `osc.json`: who asked, and where the result went. All files of a
request are copied, so that hosts may use theirs again at once; a clip that a host put into the
exchange folder itself is moved.
"""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bridge.audio_files import replacing
from bridge.cli.failures import RefusedError
from bridge.documents import anchored
from bridge.folders.folder import JobFolder, folders_in
from bridge.folders.request import FolderJob
from bridge.spec import AudioFile, Control, Intensity, Melody, Spec, Structure, plain

NOTE = "osc.json"


class Delivered(Struct, frozen=True, kw_only=True):
    """A file that the door has written, as it was then."""

    path: str
    size: int
    mtime_ns: int


class Note(Struct, frozen=True, kw_only=True):
    """What the door must remember about a request. `words` are empty where it was made again."""

    schema: Literal["ditto-osc/1"] = "ditto-osc/1"
    id: str
    kind: str
    words: tuple[str, ...] = ()
    out: str | None = None
    reply: tuple[str, int]
    delivered: tuple[Delivered, ...] = ()


class Errand:
    """A request in its folder."""

    def __init__(self, folder: JobFolder, note: Note) -> None:
        self.folder, self.note = folder, note

    @property
    def id(self) -> str:
        """What its sender calls it."""
        return self.note.id

    @property
    def is_settled(self) -> bool:
        """Whether nobody need hear of it again: the music is in use, or shall not be."""
        if self.folder.state == "failed":
            return self.members("failed.json")["code"] in ("CANCELLED", "REFUSED")
        return self.folder.state == "taken"

    @property
    def is_undelivered(self) -> bool:
        """Whether the result is yet to be put where it was asked for."""
        return self.note.out is not None and not self.note.delivered

    def text(self, name: str) -> str:
        """Return what a file of the folder says, "" where there is none."""
        try:
            return (self.folder.path / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def members(self, name: str) -> dict[str, Any]:
        """Return the members of a JSON file, none where there is no such file."""
        text = self.text(name)
        return json.loads(text) if text else {}

    def wish(self, name: str) -> None:
        """Write one of the empty files by which a host says what it wants."""
        (self.folder.path / name).touch()

    def deliver(self, exchange: Path) -> list[Path]:
        """Copy the takes to where they were asked for, if anywhere; return where they are.

        Raises RefusedError where a file stands there that is not the door's.
        """
        takes = [self.folder.path / take["file"] for take in self.members("done.json")["takes"]]
        if self.note.out is None:
            return takes
        out = Path(self.note.out)
        outs = [out, *(out.with_stem(f"{out.stem}-{n}") for n in range(2, len(takes) + 1))]
        if self.is_undelivered:
            refuse_foreign(outs, exchange)
            for take, target in zip(takes, outs, strict=True):
                with replacing(target) as temporary:
                    shutil.copyfile(take, temporary)
            self.note = replace(self.note, delivered=tuple(map(_as_it_is, outs)))
            _write(self.folder.path / NOTE, self.note)
        return outs

    def again(self, exchange: Path, reply: tuple[str, int]) -> "Errand":
        """Return a new errand for the same with the seeds after these."""
        request = msgspec.json.decode(self.text("job.json"), type=FolderJob)
        spec = anchored(request.spec, self.folder.request)
        next_one = replace(request, spec=replace(spec, seed=spec.seed + spec.takes))
        note = replace(self.note, words=(), reply=reply, delivered=())
        return write_errand(exchange, note, next_one)


def write_errand(exchange: Path, note: Note, request: FolderJob) -> Errand:
    """Return the request in a folder of its own, with all its files. Raises RefusedError."""
    with _new_folder(exchange, note.id) as path:
        spec = _carried(request.spec, path, exchange)
        _write(path / NOTE, note)
        carried = replace(request, title=f"{note.kind} {note.id}", spec=spec)
        with replacing(path / "job.json") as temporary:
            temporary.write_text(json.dumps(plain(carried), indent=2), encoding="utf-8")
    return Errand(JobFolder(path), note)


def errands_in(exchange: Path) -> list[Errand]:
    """Return all errands, the oldest first; folders that are no errands are left out."""
    found = []
    for folder in folders_in(exchange):
        try:
            note = msgspec.json.decode((folder.path / NOTE).read_bytes(), type=Note)
        except (OSError, msgspec.DecodeError):
            continue
        found.append(Errand(folder, note))
    return found


def refuse_foreign(outs: list[Path], exchange: Path) -> None:
    """Raise RefusedError where a file stands that the door has not written, or not like that."""
    there = [path for path in outs if path.exists()]
    if not there:
        return
    ours = {written for errand in errands_in(exchange) for written in errand.note.delivered}
    for path in there:
        if not path.is_file() or _as_it_is(path) not in ours:
            raise RefusedError(
                f"{path} exists and is no result of the OSC door, which overwrites nothing else. "
                "Give another 'out', or leave it out."
            )


@contextmanager
def _new_folder(exchange: Path, name: str) -> Iterator[Path]:
    """Yield a new folder, which is removed again where the block fails."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    number = 1
    while True:
        path = exchange / (f"{stamp}-{name}" if number == 1 else f"{stamp}-{name}~{number}")
        try:
            path.mkdir(mode=0o700)
            break
        except FileExistsError:
            number += 1
        except OSError as error:
            raise RefusedError(f"{path} cannot be made: {error.strerror}. Make room.") from error
    try:
        yield path
    except OSError as error:
        shutil.rmtree(path)
        raise RefusedError(f"{path} cannot be written: {error.strerror}. Make room.") from error
    except BaseException:
        shutil.rmtree(path)
        raise


def _carried(spec: Spec, folder: Path, exchange: Path) -> Spec:
    """Return the spec with its files in the folder."""
    controls: list[Control] = []
    for control in spec.controls:
        if isinstance(control, Intensity | Melody | Structure) and control.reference:
            name = str(control.__struct_config__.tag)
            controls.append(replace(control, reference=_copied(control.reference, folder, name)))
        else:
            controls.append(control)
    clip = _copied(spec.clip, folder, "clip") if spec.clip else None
    if spec.clip and Path(spec.clip.path).parent == exchange:
        Path(spec.clip.path).unlink()
    return replace(spec, clip=clip, controls=tuple(controls))


def _copied(file: AudioFile, folder: Path, name: str) -> AudioFile:
    source = Path(file.path)
    target = folder / f"{name}{source.suffix}"
    shutil.copyfile(source, target)
    return replace(file, path=target.name)


def _write(path: Path, note: Note) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(msgspec.json.encode(note))


def _as_it_is(path: Path) -> Delivered:
    status = path.stat()
    return Delivered(path=str(path), size=status.st_size, mtime_ns=status.st_mtime_ns)
