"""The files of a job folder, what state it is in, and who works on it."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from bridge.audio_files import replacing
from bridge.cli.failures import RefusedError
from plugin_protocol.client import new_job_id

State = Literal["open", "running", "done", "taken", "failed"]

_ID_CHARACTERS = 36


class JobFolder:
    """One folder. Raises RefusedError where `path` holds no job."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        if not self.request.is_file():
            raise RefusedError(
                f"{path} holds no job.json. A job folder is written by a host; "
                "plugin_protocol/JOB_FOLDERS.md says how."
            )

    @property
    def request(self) -> Path:
        """What is asked for."""
        return self.path / "job.json"

    @property
    def result(self) -> Path:
        """The first take."""
        return self.path / "result.wav"

    @property
    def state(self) -> State:
        """How far it is."""
        if self._file("done.json").exists():
            return "taken" if self._file("taken").exists() else "done"
        if self._file("failed.json").exists():
            return "failed"
        return "running" if self.is_taken_care_of() else "open"

    def wish(self) -> Literal["stop", "finish"] | None:
        """Return whether the host wants the job ended, and how."""
        if self._file("cancel").exists():
            return "stop"
        return "finish" if self._file("finish").exists() else None

    def job(self) -> str:
        """Return the job's id, which lasts as long as the folder does; made at the first call."""
        file = self._file("job.id")
        if file.exists():
            known = file.read_text(encoding="utf-8").strip()
            if len(known) == _ID_CHARACTERS:
                return known
        made = new_job_id()
        with replacing(file) as temporary:
            temporary.write_text(made + "\n", encoding="utf-8")
        return made

    def begin_anew(self) -> None:
        """Forget how an earlier attempt has ended. A job that was put aside keeps its id."""
        failed = self._file("failed.json")
        if failed.exists():
            if _code(failed) not in ("STOPPED", "UNREACHABLE"):
                self._file("job.id").unlink(missing_ok=True)
                self._file("cancel").unlink(missing_ok=True)
                self._file("finish").unlink(missing_ok=True)
            failed.unlink()

    def write(self, name: str, members: Mapping[str, object]) -> None:
        """Write a JSON file whose members each have a line of their own."""
        lines = ",\n".join(f"{_json(key)}: {_value(value)}" for key, value in members.items())
        with replacing(self._file(name)) as temporary:
            temporary.write_text("{\n" + lines + "\n}\n", encoding="utf-8")

    def end(self, name: str, members: Mapping[str, object]) -> None:
        """Write the last file of a job, after which there is no progress."""
        self.write(name, members)
        self._file("progress.json").unlink(missing_ok=True)

    @contextmanager
    def taken_care_of(self) -> Iterator[bool]:
        """Hold the folder; False where another process does. The system lets go when we end."""
        descriptor = os.open(self._file("job.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield _try_lock(descriptor)
        finally:
            os.close(descriptor)

    def is_taken_care_of(self) -> bool:
        """Return whether a process works on the folder."""
        try:
            descriptor = os.open(self._file("job.lock"), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            return not _try_lock(descriptor)
        finally:
            os.close(descriptor)

    def _file(self, name: str) -> Path:
        return self.path / name


def folders_in(root: Path) -> list[JobFolder]:
    """Return the job folders in `root`, oldest name first. Raises RefusedError."""
    try:
        inside = sorted(path for path in root.iterdir() if (path / "job.json").is_file())
    except OSError as error:
        raise RefusedError(f"{root} cannot be listed: {error.strerror}.") from error
    return [JobFolder(path) for path in inside]


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _code(failed: Path) -> str:
    try:
        return str(json.loads(failed.read_text(encoding="utf-8"))["code"])
    except (ValueError, KeyError, TypeError):
        return ""


def _value(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[\n" + ",\n".join(map(_json, value)) + "\n]" if value else "[]"
    return _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
