"""Messages that are nearly right: one of every kind, with a few bytes changed."""

import os
import random

from plugin_protocol.framing import encode
from plugin_protocol.messages import (
    BlobData,
    BlobDrop,
    BlobGet,
    BlobPut,
    Bye,
    FromClient,
    Hello,
    JobAck,
    JobAttach,
    JobCancel,
    JobCredit,
    JobForget,
    JobGet,
    JobList,
    JobSubmit,
    MetricsGet,
    ModelLoad,
    Ping,
)
from plugin_protocol.values import (
    AudioRef,
    Generate,
    Inpaint,
    Intensity,
    Outpaint,
    Region,
    Task,
    TextMatch,
)

# Heads of MessagePack's large arrays, maps, strings and binaries: what follows is their length.
LARGE = (0xDD, 0xDF, 0xC6, 0xC9, 0xDB, 0xDC, 0xDE, 0x91, 0x81, 0xC1)
MOST_FRAMES = 50


def examples() -> list[tuple[FromClient, bytes | None]]:
    """Return a valid message of every kind but `daemon.stop`, which would end the trial."""
    sha, job = b"\1" * 32, "f1890000-0000-7000-8000-000000000000"
    clip = AudioRef(sha=sha, format="f32le", sample_rate=8000, channels=2, frames=1000)
    tasks = (
        Task(objectives=(Generate(seconds=1),)),
        Task(
            objectives=(Outpaint(seconds=1), TextMatch(description="strings")),
            clip=clip,
            prompt="x",
        ),
        Task(objectives=(Inpaint(regions=(Region(start=0.01, end=0.05),)),), clip=clip),
        Task(objectives=(Generate(seconds=1), Intensity(points=((0.0, -20.0), (1.0, -10.0))))),
    )
    messages: list[FromClient] = [
        *(JobSubmit(i=1, job=job, task=task, tags={"a": "b"}) for task in tasks),
        Hello(i=1, client="x", resume=(job,)),
        Ping(i=1),
        Bye(i=1),
        BlobPut(i=1, sha=sha, size=100),
        BlobGet(i=1, sha=sha),
        BlobDrop(i=1, sha=sha),
        JobAttach(i=1, job=job),
        JobCredit(i=1, job=job, previews=1),
        JobCancel(i=1, job=job),
        JobAck(i=1, job=job),
        JobForget(i=1, job=job),
        JobGet(i=1, job=job),
        JobList(i=1),
        ModelLoad(i=1),
        MetricsGet(i=1),
    ]
    return [*((message, None) for message in messages), (BlobData(i=1, sha=sha, offset=0), b"x")]


class Mutations:
    """An endless supply."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._examples = [
            [bytes(frame) for frame in encode(message, chunk)] for message, chunk in examples()
        ]

    def next(self) -> list[bytes]:
        """Return the frames of one message, more or less."""
        chance = self._chance
        preamble, header, *chunk = chance.choice(self._examples)
        if chance.random() < 0.05:
            preamble = chance.randbytes(chance.randint(0, 12))
        frames = [preamble, self._changed(header), *chunk]
        if chance.random() < 0.1:
            frames.append(chance.randbytes(chance.choice([0, 1, 100, 5000])))
        if chance.random() < 0.02:
            frames += [b"x"] * chance.randint(1, MOST_FRAMES)
        return frames

    def _changed(self, header: bytes) -> bytes:
        chance, changed = self._chance, bytearray(header)
        for _ in range(chance.choice([0, 1, 1, 2, 5])):
            at = chance.randrange(len(changed) + 1)
            match chance.randrange(5):
                case 0 | 1 if at < len(changed):
                    changed[at] = chance.randrange(256)
                case 2:
                    changed += chance.randbytes(chance.randint(1, 40))
                case 3:
                    del changed[at:]
                case _:
                    changed[at:at] = bytes([chance.choice(LARGE)]) + os.urandom(4)
        return bytes(changed)
