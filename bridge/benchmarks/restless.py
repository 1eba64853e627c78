"""A client that does all a client does, for ever: `python -m bridge.benchmarks.restless SEED`.

DITTO_HOME says which daemon's. It is meant to be killed at any moment.
"""

import os
import random
import sys
import time

from plugin_protocol.client import Client, RequestRefusedError, new_job_id
from plugin_protocol.messages import JobState
from plugin_protocol.values import AudioRef, Outpaint, Task

LEAST_BYTES, MOST_BYTES = 8_000, 800_000
MOST_ITERATIONS = 30


def visit(client: Client, chance: random.Random) -> None:
    """Bring a clip and a job, wait or cancel, take the music, and let all of it be removed."""
    size = 4 * chance.randint(LEAST_BYTES // 4, MOST_BYTES // 4)
    sha = client.upload(chance.randbytes(size))
    clip = AudioRef(sha=sha, format="f32le", sample_rate=8000, channels=1, frames=size // 4)
    prompt = f"{chance.randint(1, MOST_ITERATIONS)} 5"
    task = Task(objectives=(Outpaint(seconds=1),), clip=clip, prompt=prompt)
    job = new_job_id()
    client.submit(job, task, retention="ack", private=True, on_disconnect="cancel")
    if chance.random() < 0.2:
        client.cancel(job)
    *_, last = client.follow(job)
    if isinstance(last, JobState) and last.result is not None:
        client.download(last.result.takes[0].audio.sha)
    client.ack(job)


def main(seed: str) -> None:
    """Come back again and again, with pauses that the daemon asks for."""
    chance = random.Random(int(seed))
    name = f"restless-{os.getpid()}"
    while True:
        try:
            with Client(name=name) as client:
                for _ in range(chance.randint(1, 20)):
                    visit(client, chance)
        except RequestRefusedError as refused:
            if refused.code not in ("RATE_LIMITED", "QUEUE_FULL"):
                raise
            time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
