"""Cases about jobs: what may be said about them, and what may be asked."""

from collections.abc import Iterator
from itertools import count

from wire import ABSENT, Case, accepted, changed, job_id, refused

NUMBERS = count(0x1000)
NOBODY = job_id(0xABCDEF)
"""The id of a job that no case submits."""
TASK = {"objectives": [{"kind": "generate", "seconds": 3.0}]}
WRONG_IDS = {
    "upper case": NOBODY.upper(),
    "braces": "{" + NOBODY + "}",
    "no hyphens": NOBODY.replace("-", ""),
    "35 characters": NOBODY[:-1],
    "37 characters": NOBODY + "0",
    "a line feed": NOBODY + "\n",
    "a path": "../../../../../../../../etc/passwd",
    "nothing": "",
    "a number": 7,
    "nil": None,
}
OPTIONS = {
    "previews": ([True, False], [1, "yes", None]),
    "preview_credit": ([0, 16, None], [-1, 17, 1.0, True]),
    "priority": (["interactive", "normal", "batch"], ["urgent", "Batch", 1, None]),
    "queue_ttl": ([0.001, 1, 604_800, None], [0, -1, 604_801, float("nan"), "1"]),
    "run_ttl": ([0.001, 60, 604_800, None], [0, -1, 604_801, float("inf"), True]),
    "on_deadline": (["best", "fail"], ["panic", None]),
    "on_disconnect": (["keep", "cancel"], ["finish", None]),
    "retention": (["ack", "24h", "7d"], ["48h", 24, None]),
    "private": ([True, False], [1, None]),
    "tags": (
        [{}, {"a": ""}, {"x" * 40: "x" * 200}, {str(number): "x" for number in range(16)}],
        [{"": "a"}, {"x" * 41: "a"}, {"a": "x" * 201}, {"a": 1}, {"a": None}, [], None,
         {str(number): "x" for number in range(17)}],
    ),
    "allow_cached": ([True, False], [0, None]),
}  # fmt: skip


def cases() -> Iterator[Case]:
    yield from of_submit()
    yield from of_questions()
    yield from of_lists()


def submit(task: object = None) -> dict[str, object]:
    """Return a job.submit with an id of its own."""
    return {"t": "job.submit", "i": 5, "job": job_id(next(NUMBERS)), "task": task or TASK}


def of_submit() -> Iterator[Case]:
    yield accepted("job.submit", submit(), "job.state")
    yield refused("job.submit without an id", changed(submit(), "job", ABSENT), re=5)
    yield refused("job.submit without a task", changed(submit(), "task", ABSENT), re=5)
    yield refused("job.submit with a misspelt option", {**submit(), "prioritiy": "batch"}, re=5)
    for name, job in WRONG_IDS.items():
        yield refused(f"job.submit with an id of {name}", {**submit(), "job": job}, re=5)
    for option, (good, bad) in OPTIONS.items():
        for value in good:
            header = {**submit(), option: value}
            yield accepted(f"{option} {short(value)}", header, "job.state")
        for value in bad:
            yield refused(f"wrong {option} {short(value)}", {**submit(), option: value}, re=5)


def of_questions() -> Iterator[Case]:
    yield accepted("job.attach", {"t": "job.attach", "i": 6, "job": NOBODY}, "job.state")
    yield accepted("job.forget", {"t": "job.forget", "i": 6, "job": NOBODY}, "ok")
    for tag in ("job.cancel", "job.ack", "job.get"):
        yield accepted(tag, {"t": tag, "i": 6, "job": NOBODY}, "UNKNOWN_JOB")
    for tag in ("job.attach", "job.cancel", "job.ack", "job.forget", "job.get"):
        yield refused(f"{tag} without an id", {"t": tag, "i": 6}, re=6)
        yield refused(f"{tag} of nonsense", {"t": tag, "i": 6, "job": "nonsense"}, re=6)
    for name, job in WRONG_IDS.items():
        header = {"t": "job.attach", "i": 6, "job": job}
        yield refused(f"job.attach with an id of {name}", header, re=6)
    for mode in ("stop", "finish"):
        header = {"t": "job.cancel", "i": 6, "job": NOBODY, "mode": mode}
        yield accepted(f"job.cancel to {mode}", header, "UNKNOWN_JOB")
    header = {"t": "job.cancel", "i": 6, "job": NOBODY, "mode": "pause"}
    yield refused("job.cancel to pause", header, re=6)
    for credit in (1, 16):
        header = {"t": "job.credit", "i": 6, "job": NOBODY, "previews": credit}
        yield accepted(f"job.credit of {credit}", header, "UNKNOWN_JOB")
    for credit in (0, 17):
        header = {"t": "job.credit", "i": 6, "job": NOBODY, "previews": credit}
        yield refused(f"job.credit of {credit}", header, re=6)


def of_lists() -> Iterator[Case]:
    listing = {"t": "job.list", "i": 8}
    yield accepted("job.list", listing, "jobs")
    for limit in (1, 100):
        yield accepted(f"job.list of {limit}", {**listing, "limit": limit}, "jobs")
    for limit in (0, 101, -1, 20.0):
        yield refused(f"job.list of {limit}", {**listing, "limit": limit}, re=8)
    for state in ("queued", "loading", "running", "done", "failed", "cancelled"):
        yield accepted(f"job.list of those {state}", {**listing, "state": state}, "jobs")
    yield refused("job.list of those unknown", {**listing, "state": "unknown"}, re=8)
    yield accepted("job.list before a job", {**listing, "before": NOBODY}, "jobs")
    yield refused("job.list before nonsense", {**listing, "before": "nonsense"}, re=8)


def short(value: object) -> str:
    """Return a name for the value."""
    text = repr(value)
    return text if len(text) <= 24 else f"{text[:10]}… of {len(value)}"  # type: ignore[arg-type]
