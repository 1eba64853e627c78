"""Cases of what the daemon sends: fields and messages from the future are skipped."""

from collections.abc import Iterator
from typing import Any

from wire import (
    ABSENT,
    SHA,
    Case,
    accepted,
    changed,
    job_id,
    malformed,
    packed,
    preamble,
    refused,
    times,
)

JOB = job_id(1)
AUDIO: dict[str, Any] = {
    "sha": SHA, "format": "f32le", "sample_rate": 44100, "channels": 2, "frames": 132300,
}  # fmt: skip
TAKE: dict[str, Any] = {"seed": 2**53, "audio": AUDIO, "losses": {"overlap": 0.5}, "noise": SHA}
RESULT: dict[str, Any] = {
    "takes": [TAKE],
    "new": [{"start": 88200, "end": 132300}],
    "music": {"bpm": 104.0, "key": "A minor"},
    "recognized": {"style": "funk"},
    "curves": [
        {"name": "intensity", "unit": "dB", "seconds": [0.0], "target": [-12.0],
         "measured": [-13.5]}
    ],
    "matrices": [
        {"name": "structure", "size": 2, "seconds": [0.0, 1.0], "target": b"\xff\0\0\xff",
         "measured": b"\xff\x80\x80\xff"}
    ],
    "model_digest": "0123", "engine_version": "0.0.1", "compute_seconds": 4.5,
}  # fmt: skip
FAILURE: dict[str, Any] = {"code": "QUOTA_EXCEEDED", "message": "Too many.", "hint": "Wait."}
DONE: dict[str, Any] = {
    "t": "job.state", "job": JOB, "state": "done", "ev": 4, "attempt": 1, "result": RESULT,
}  # fmt: skip
MODEL: dict[str, Any] = {"name": "embedded", "state": "ready", "sample_rate": 44100}
MESSAGES: dict[str, dict[str, Any]] = {
    "welcome": {
        "t": "welcome", "re": 1, "epoch": 3, "server": "ditto/0.0.1", "minor": 2,
        "limits": {"chunk": 262144, "window": 16}, "models": ["embedded"], "pid": 4711,
        "boot": "0011223344556677", "rights": ["jobs", "all", "admin"], "capabilities": ["text"],
        "catalogue": [MODEL], "notice": "Hear, hear.",
    },
    "pong": {
        "t": "pong", "re": 2, "epoch": 3, "worker": "busy", "job": JOB, "queued": 4,
        "workers": [{"device": "cpu", "state": "busy", "job": JOB, "step": 3, "step_age": 0.5}],
    },
    "notice": {"t": "notice", "kind": "leaving", "text": "The daemon leaves."},
    "blob.ready": {"t": "blob.ready", "re": 3, "offset": 262144, "credit": 16},
    "blob.ready that has it": {"t": "blob.ready", "re": 3, "have": True},
    "blob.credit": {"t": "blob.credit", "sha": SHA, "offset": 5, "done": True},
    "job.state, done": DONE,
    "job.state, queued": {
        "t": "job.state", "re": 5, "job": JOB, "state": "queued", "ev": 1, "ahead": 2,
        "eta_seconds": 12.5,
    },
    "job.state, failed": {
        "t": "job.state", "job": JOB, "state": "failed", "ev": 5,
        "failure": {"code": "EXPIRED", "message": "It waited too long."}, "cause": "deadline",
    },
    "job.state, unknown": {"t": "job.state", "re": 6, "job": JOB, "state": "unknown"},
    "job.progress": {
        "t": "job.progress", "job": JOB, "phase": "optimizing", "step": 3, "steps": 70,
        "loss": 0.25, "losses": {"overlap": 0.25}, "eta_seconds": 6.5, "note": "104 bpm",
    },
    "job.preview": {"t": "job.preview", "job": JOB, "step": 3, "audio": AUDIO, "credit": 1},
    "job.details": {
        "t": "job.details", "re": 7, "job": JOB, "state": "queued", "ev": 1, "created_ms": 2**41,
        "tags": {"track": "2"}, "task": {"objectives": [{"kind": "generate", "seconds": 3.0}]},
    },
    "jobs": {
        "t": "jobs", "re": 8, "more": True,
        "jobs": [{"job": JOB, "state": "done", "kind": "loop", "created_ms": 2**41}],
    },
    "jobs, none": {"t": "jobs", "re": 8, "jobs": []},
    "model.state": {"t": "model.state", "model": MODEL},
    "metrics": {"t": "metrics", "re": 9, "values": {"jobs_done_total": 3.0}},
    "ok": {"t": "ok", "re": 9},
    "ok, unchanged": {"t": "ok", "re": 9, "changed": False},
    "error": {"t": "error", "re": 9, "failure": FAILURE},
    "error with a limit": {
        "t": "error", "re": 9, "job": JOB,
        "failure": {**FAILURE, "limit": "queued", "retry_after_ms": 1500, "trace": "4f2a"},
    },
}  # fmt: skip
WRONG: dict[str, dict[str, Any]] = {
    "welcome without an epoch": changed(MESSAGES["welcome"], "epoch", ABSENT),
    "welcome with a negative limit": changed(MESSAGES["welcome"], "limits.chunk", -1),
    "a state that there is not": {**DONE, "state": "paused"},
    "a result without takes": changed(DONE, "result.takes", []),
    "a result of nine takes": changed(DONE, "result.takes", [TAKE] * 9),
    "a take whose loss is no number": changed(DONE, "result.takes.0.losses.overlap", float("nan")),
    "a take with a short digest": changed(DONE, "result.takes.0.audio.sha", SHA[1:]),
    "audio with a field nobody knows": changed(DONE, "result.takes.0.audio.codec", "flac"),
    "a matrix that is not square": changed(DONE, "result.matrices.0.size", 3),
    "progress without end": changed(MESSAGES["job.progress"], "eta_seconds", float("inf")),
    "an error without a failure": {"t": "error", "re": 9},
}


def cases() -> Iterator[Case]:
    for name, header in MESSAGES.items():
        yield accepted(name, header)
        future = {**header, "from the future": [1, {"a": None}]}
        yield accepted(f"{name}, with a field from the future", future, message=header)
    for path in ("result.mood", "result.takes.0.mood", "result.new.0.mood", "result.curves.0.mood"):
        header = changed(DONE, path, "blue")
        yield accepted(f"a field from the future: {path}", header, message=DONE)
    for name, header in WRONG.items():
        yield refused(name, header, re=header.get("i", 0), direction="D")
    gong = packed({"t": "gong", "re": 2})
    yield malformed(
        "a message from the future", [preamble(minor=3), gong], "UNKNOWN_TYPE", direction="D"
    )
    yield malformed(
        "ping from the daemon", [preamble(), packed({"t": "ping"})], "UNKNOWN_TYPE", direction="D"
    )
    two = [preamble(major=2), packed(MESSAGES["ok"])]
    yield malformed("a daemon of another major", two, "UNSUPPORTED_VERSION", direction="D")
    data = {"t": "blob.data", "re": 4, "sha": SHA, "offset": 0, "last": True, "size": 5}
    yield accepted("blob.data", data, chunk=(b"audio", 5))
    chunk = times(b"\x7f", 262144)
    whole = {**data, "size": 262144}
    yield accepted("blob.data with the largest chunk", whole, chunk=(chunk, 262144))
    yield malformed("blob.data alone", [preamble(), packed(data)], direction="D")
    yield malformed(
        "ok with a chunk", [preamble(flags=1), packed(MESSAGES["ok"]), b"audio"], direction="D"
    )
