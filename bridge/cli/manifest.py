"""What was made, as plain values for `--json`; every default of the task is spelled out."""

import platform
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from bridge.audio_files import Format, Recording
from bridge.version import installed_version
from plugin_protocol.values import PROTOCOL_MAJOR, PROTOCOL_MINOR, Result, Span, Take, Task

SCHEMA = "ditto-manifest/1"


def manifest(
    *,
    job: str,
    clip: Path | None,
    task: Task,
    result: Result,
    outputs: list[Path],
    plots: list[Path],
    recordings: list[Recording],
    form: Format,
    notes: list[str],
    seconds: float,
) -> dict[str, Any]:
    """Return the manifest of a finished job. Times in seconds, positions in samples."""
    rate = recordings[0].sample_rate
    return {
        "schema": SCHEMA,
        "job": job,
        "input": None if clip is None else str(clip),
        "task": plain(task),
        "outputs": [
            _output(path, take, recording, form)
            for path, take, recording in zip(outputs, result.takes, recordings, strict=True)
        ],
        "plots": [str(path) for path in plots],
        "new": [_span(span, rate) for span in result.new],
        "clip_start": result.clip_start,
        "music": plain(result.music),
        "recognized": result.recognized,
        "curves": plain(result.curves),
        "notes": notes,
        "model": {"name": task.model, "digest": result.model_digest},
        "seconds": {"total": round(seconds, 3), "compute": round(result.compute_seconds, 3)},
        "versions": {
            "ditto": installed_version(),
            "engine": result.engine_version,
            "protocol": f"{PROTOCOL_MAJOR}.{PROTOCOL_MINOR}",
            "python": platform.python_version(),
        },
    }


def plain(value: Any) -> Any:
    """Return structs as maps with every field, bytes as hex: what JSON can hold.

    Unlike msgspec's own conversion this keeps the fields that have their default.
    """
    if isinstance(value, Struct):
        kind = value.__struct_config__.tag
        fields = {name: plain(field) for name, field in asdict(value).items()}
        return {"kind": kind, **fields} if kind else fields
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


def _output(path: Path, take: Take, recording: Recording, form: Format) -> dict[str, Any]:
    return {
        "path": str(path),
        "seed": take.seed,
        "samples": len(recording.samples),
        "seconds": recording.seconds,
        "sample_rate": recording.sample_rate,
        "channels": recording.channels,
        "format": form.container,
        "subtype": form.subtype,
        "first_losses": take.first_losses,
        "losses": take.losses,
        "iterations": take.iterations,
        "stopped": take.stopped,
    }


def _span(span: Span, rate: int) -> dict[str, Any]:
    return {
        "start": span.start,
        "end": span.end,
        "start_seconds": span.start / rate,
        "end_seconds": span.end / rate,
    }
