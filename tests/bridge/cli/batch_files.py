"""What a batch is made of in tests: requests, lines, and what became of them."""

import json
from pathlib import Path
from typing import Any


def line(out: str, clip: Path, *, prompt: str = "1", **more: Any) -> dict[str, Any]:
    spec = {
        "schema": "ditto-spec/1",
        "job": {"kind": "outpaint", "seconds": 3},
        "clip": {"path": clip.name},
        "prompt": prompt,
        **more,
    }
    return {"out": out, "spec": spec}


def write(jobs: Path, *lines: dict[str, Any]) -> None:
    jobs.write_text("".join(json.dumps(each) + "\n" for each in lines))


def known_jobs(daemon: Any) -> dict[str, Any]:
    with daemon.client() as client:
        return {summary.job: summary for summary in client.jobs(100)}


def states(outcome: Any) -> list[str]:
    return [json.loads(each)["state"] for each in outcome.out.splitlines()]
