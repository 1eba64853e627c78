"""A daemon that keeps to the letter of the protocol and to nothing else."""

import random
import socket
from typing import Any

from plugin_protocol.thin_client import GREETING

from .strangers import READY, WELCOME, Manner, message

CODES = ("BLOB_MISSING", "BAD_OFFSET", "DIGEST_MISMATCH", "QUEUE_FULL", "TOO_MANY_INFLIGHT", "GONE")
STATES = ("queued", "loading", "running", "done", "failed", "cancelled", "unknown")
MESSAGES = 150


def mad(seed: int, job: str, shas: list[bytes]) -> Manner:
    """Greet, and then say anything about that job and these blobs, in any order."""
    chance = random.Random(seed)

    def audio() -> dict[str, Any]:
        frames = chance.choice([1, 1000, 150_000, 2**29])
        kind = {"format": chance.choice(["f32le", "f64le"]), "channels": chance.choice([1, 2])}
        return {"sha": chance.choice(shas), "sample_rate": 44100, "frames": frames, **kind}

    def result() -> dict[str, Any]:
        takes = [
            {"seed": i, "audio": audio(), "losses": {}} for i in range(chance.choice([1, 2, 8]))
        ]
        return {"takes": takes, "new": [{"start": 9, "end": 3}], "clip_start": 2**31 - 1}

    def anything() -> bytes:
        re = chance.choice([0, *range(1, 12)])
        sha, offset = chance.choice(shas), chance.choice([0, 0, 1, 2**18, 2**20, 2**29])
        fields: dict[str, Any]
        match chance.randrange(8):
            case 0:
                credit = chance.choice([0, 1, 16, 2**31 - 1])
                fields = {"t": "blob.ready", "offset": offset, "credit": credit}
                fields["have"] = chance.random() < 0.3
            case 1:
                fields = {"t": "blob.credit", "sha": sha, "offset": offset}
                fields["done"] = chance.random() < 0.2
            case 2:
                fields = {"t": "job.state", "job": job, "state": chance.choice(STATES)}
                if chance.random() < 0.7:
                    fields["result"] = result()
            case 3:
                fields = {"t": "blob.data", "sha": sha, "offset": offset, "size": offset}
                size = chance.choice([0, 1, 4000, 2**18])
                return message({**fields, "re": re}, chunk=bytes(size))
            case 4:
                failure = {"code": chance.choice(CODES), "message": "mad"}
                if chance.random() < 0.5:
                    failure["retry_after_ms"] = chance.choice([0, 1])
                fields = {"t": "error", "failure": failure}
            case 5:
                fields = {
                    "t": "job.progress",
                    "job": job,
                    "phase": "",
                    "steps": chance.randrange(9),
                }
                fields |= {"step": 2**31 - 1, "loss": -1e12, "eta_seconds": 1e7}
            case 6:
                fields = {"t": "ok", "changed": False}
            case _:
                fields = {"t": "pong", "epoch": 1, "worker": ""}
        return message({**fields, "re": re})

    def manner(stream: socket.socket) -> None:
        stream.sendall(GREETING + READY + message(WELCOME))
        for _ in range(MESSAGES):
            stream.sendall(anything())
            stream.setblocking(False)
            try:
                while stream.recv(2**20):
                    pass
            except BlockingIOError:
                pass
            stream.setblocking(True)
        stream.shutdown(socket.SHUT_RDWR)

    return manner
