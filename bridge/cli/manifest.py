"""What was made, as plain values: printed by `--json`, and kept beside the music.

Its `spec` has every default spelled out and the tempo, downbeat and key that were followed, so that
`ditto run` makes the same again.
"""

import platform
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bridge.audio_files import Format, Recording
from bridge.spec import MANIFEST, Spec, plain
from bridge.version import installed_version
from plugin_protocol.values import PROTOCOL_MAJOR, PROTOCOL_MINOR, Result, Span, Take


def manifest(
    *,
    job: str,
    spec: Spec,
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
        "schema": MANIFEST,
        "job": job,
        "spec": plain(replace(spec, music=result.music)),
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
        "model": {"name": spec.model, "digest": result.model_digest},
        "seconds": {"total": round(seconds, 3), "compute": round(result.compute_seconds, 3)},
        "versions": {
            "ditto": installed_version(),
            "engine": result.engine_version,
            "protocol": f"{PROTOCOL_MAJOR}.{PROTOCOL_MINOR}",
            "python": platform.python_version(),
        },
    }


def _output(path: Path, take: Take, recording: Recording, form: Format) -> dict[str, Any]:
    return {
        "path": str(path),
        "seed": take.seed,
        "noise": take.noise.hex() if take.noise else None,
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
