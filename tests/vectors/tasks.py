"""Cases about tasks: the bounds of each field, and the rules that no type says."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from wire import ABSENT, SHA, Case, accepted, changed, job_id, refused

NAN, INFINITY = float("nan"), float("inf")
NUMBERS = count(0x2000)
Value = dict[str, Any]

GENERATE: Value = {"kind": "generate", "seconds": 3.0}
CLIP: Value = {"sha": SHA, "format": "f32le", "sample_rate": 44100, "channels": 2, "frames": 9}
REGION: Value = {"start": 0.5, "end": 1.0}
INTENSITY: Value = {"kind": "intensity", "points": [[0.0, -30.0], [4.0, -12.5]]}
MELODY: Value = {"kind": "melody", "notes": [[0.0, 0.5, 60]]}
STRUCTURE: Value = {"kind": "structure", "sections": [["A", 2.0], ["", 1.0], ["A", 2.0]]}
REPEAT: Value = {"kind": "repeat", "period": 2.0}
TEXT: Value = {"kind": "text", "description": "a piano in a hall"}
OUTPAINT: Value = {"kind": "outpaint", "seconds": 3.0}
INPAINT: Value = {"kind": "inpaint", "regions": [REGION]}


def generate(**fields: Any) -> Value:
    return {"objectives": [GENERATE], **fields}


def on_clip(*objectives: Value, **fields: Any) -> Value:
    return {"objectives": list(objectives), "clip": CLIP, **fields}


def controlled(*controls: Value, seconds: float = 3.0) -> Value:
    return {"objectives": [{"kind": "generate", "seconds": seconds}, *controls]}


BOUNDS: list[tuple[Value, str, list[Any], list[Any]]] = [
    (generate(), "objectives.0.seconds", [0.5, 3, 600],
     [-0.001, 600.001, NAN, INFINITY, "3", True]),
    (generate(model="embedded"), "model", ["a", "a.b_c-9", "x" * 64],
     ["", "x" * 65, "A", ".a", "../a", "a/b", "a\n", 5]),
    (generate(prompt=""), "prompt", ["", "naïve ♫", "x" * 2000], ["x" * 2001, None, b"bytes"]),
    (generate(seed=0), "seed", [0, 1, 2**53], [-1, 2**53 + 1, 2**64 - 1, 1.0, "1"]),
    (generate(takes=1), "takes", [1, 8], [0, 9, 1.0]),
    (generate(quality="normal"), "quality", ["draft", "normal", "best", "paper"], ["good", "", 1]),
    (generate(balance=True), "balance", [True, False], [1, "yes"]),
    (generate(music={"bpm": 120.0}), "music.bpm", [20, 400, None], [19.9, 400.1, NAN, "120"]),
    (generate(music={"beat_offset": 0.0}), "music.beat_offset", [-3600, 3600], [-3601, 3601, NAN]),
    (generate(music={"key": "A minor"}), "music.key", ["", "x" * 200], ["x" * 201, 5]),
    (on_clip(OUTPAINT), "clip.format", ["f32le", "f64le"], ["f32", "<f4", "O", "int16", 4]),
    (on_clip(OUTPAINT), "clip.sample_rate", [8000, 192000], [7999, 192001, 44100.0]),
    (on_clip(OUTPAINT), "clip.channels", [1, 2], [0, 3]),
    (on_clip(OUTPAINT), "clip.frames", [1, 2**29], [0, 2**29 + 1, -1]),
    (on_clip(OUTPAINT), "clip.sha", [SHA[::-1]], [SHA[1:], SHA.hex(), None]),
    (on_clip(OUTPAINT), "objectives.0.seconds", [0.001, 600], [0, 601, NAN, ABSENT]),
    (on_clip({**OUTPAINT, "side": "after"}), "objectives.0.side",
     ["after", "before", "both"], ["left", None]),
    (on_clip({**OUTPAINT, "overlap": 1.0}), "objectives.0.overlap", [0, 30], [-1, 31]),
    (on_clip(INPAINT), "objectives.0.regions", [[REGION], [REGION] * 256],
     [[], [REGION] * 257, REGION, ABSENT, [{"start": 1.0}], [{**REGION, "fade": 1}]]),
    (on_clip(INPAINT), "objectives.0.regions.0.start", [0], [-0.1, 3601]),
    (on_clip({"kind": "loop"}), "objectives.0", [{"kind": "loop", "seconds": 600, "overlap": 30}],
     [{"kind": "loop", "seconds": 601}, {"kind": "loop", "overlap": 31},
      {"kind": "loop", "bars": 4}]),
    (on_clip({"kind": "vary"}), "objectives.0",
     [{"kind": "vary", "strength": 0}, {"kind": "vary", "strength": 1}],
     [{"kind": "vary", "strength": 1.1}, {"kind": "vary", "strength": -0.1}]),
    (controlled({**TEXT, "weight": 1.0}), "objectives.1.weight", [1e-6, 1e6, None],
     [0, 1e6 + 1, -1, NAN]),
    (controlled({**TEXT, "region": REGION}), "objectives.1.region", [REGION, None],
     [{"start": 0}, [0, 1], {"start": 0, "end": NAN}]),
    (controlled({**TEXT, "schedule": [1, 0]}), "objectives.1.schedule", [[0, 1000], [1, 0.5]],
     [[1], [1, 2, 3], [-1, 0], [0, 1001], [NAN, 0], 1]),
    (controlled(INTENSITY), "objectives.1.points",
     [[[0, -120], [3600, 20]], [[second / 100, 0.0] for second in range(512)]],
     [[[0, -121], [1, 0]], [[0, 21], [1, 0]], [[0, 0, 0], [1, 1, 1]], [[-1, 0], [1, 0]],
      [[second / 100, 0.0] for second in range(513)], [[0, NAN], [1, 0]]]),
    (controlled({**INTENSITY, "match": "level"}), "objectives.1.match",
     ["level", "shape"], ["rms"]),
    (controlled(MELODY), "objectives.1.notes",
     [[[0, 0.5, 0], [0.5, 1, 127]], [[second, second + 1, 60] for second in range(1024)]],
     [[[0, 0.5, 128]], [[0, 0.5, -1]], [[0, 0.5, 60.5]], [[0, 0.5]], [[0, 0.5, 60, 100]],
      [[second, second + 1, 60] for second in range(1025)]]),
    (controlled(STRUCTURE), "objectives.1.sections",
     [[["A", 1], ["B", 1]], [["x" * 24, 1]] * 128],
     [[["x" * 25, 1]] * 2, [["A", 0], ["B", 1]], [["A", 3601], ["B", 1]], [["A", 1]] * 129]),
    (controlled({**STRUCTURE, "unit": "bars"}), "objectives.1.unit",
     ["seconds", "bars"], ["beats"]),
    (controlled(REPEAT), "objectives.1.period", [0.001, 3], [0, 601, -1, NAN, ABSENT]),
    (controlled(TEXT), "objectives.1.description", ["x", "x" * 500], ["x" * 501, None, ABSENT]),
]  # fmt: skip

RULES: dict[str, Value] = {
    "no kind": {"objectives": [TEXT]},
    "two kinds": {"objectives": [GENERATE, GENERATE]},
    "outpaint without a clip": {"objectives": [OUTPAINT]},
    "generate with a clip": on_clip(GENERATE),
    "a seed that the last take exceeds": generate(seed=2**53, takes=2),
    "a region that ends before it starts": on_clip(
        {"kind": "inpaint", "regions": [{"start": 2.0, "end": 1.0}]}
    ),
    "a region without length": on_clip({"kind": "inpaint", "regions": [{"start": 1, "end": 1}]}),
    "points and a reference": controlled({**INTENSITY, "reference": CLIP}),
    "neither points nor a reference": controlled({"kind": "intensity"}),
    "a single point": controlled({**INTENSITY, "points": [[0.0, 0.0]]}),
    "points out of order": controlled({**INTENSITY, "points": [[1.0, 0.0], [0.0, 0.0]]}),
    "points at one time": controlled({**INTENSITY, "points": [[1.0, 0.0], [1.0, 6.0]]}),
    "notes that overlap": controlled({**MELODY, "notes": [[0.0, 1.0, 60], [0.5, 1.0, 62]]}),
    "a note without length": controlled({**MELODY, "notes": [[1.0, 1.0, 60]]}),
    "notes with a reading": controlled({**MELODY, "reading": "harmony"}),
    "one section with a label": controlled({**STRUCTURE, "sections": [["A", 1.0], ["", 1.0]]}),
    "a blank description": controlled({**TEXT, "description": " \n"}),
    "repeat with a region": controlled({**REPEAT, "region": REGION}),
    "repeat on a clip": on_clip(OUTPAINT, REPEAT),
    "a period longer than the music": controlled({**REPEAT, "period": 4.0}),
    "no length and no repeat": {"objectives": [{"kind": "generate"}]},
    "two controls about the same time": controlled(TEXT, TEXT),
    "two controls whose regions overlap": controlled(
        {**TEXT, "region": {"start": 0.0, "end": 1.0}},
        {**TEXT, "region": {"start": 0.9, "end": 2.0}},
    ),
}


def cases() -> Iterator[Case]:
    for task, path, good, bad in BOUNDS:
        named = path.split(".")
        name = " ".join([kind_of(task, path), *(part for part in named[-2:] if part.isalpha())])
        for number, value in enumerate(good, start=1):
            whole = changed(task, path, value)
            answer = "BLOB_MISSING" if "clip" in task else "job.state"
            yield accepted(f"{name}: good {number}", submit(whole), answer)
        for number, value in enumerate(bad, start=1):
            whole = changed(task, path, value)
            yield refused(f"{name}: bad {number}", submit(whole), "INVALID_SPEC", re=5)
    for name, task in RULES.items():
        yield accepted(f"rule: {name}", submit(task), "INVALID_SPEC")
    yield from of_wholes()


def of_wholes() -> Iterator[Case]:
    start = {"noise": SHA, "mode": "resample"}
    whole = on_clip(
        OUTPAINT, INTENSITY, MELODY, {**STRUCTURE, "unit": "bars"}, TEXT, start=start, balance=True
    )
    yield accepted("one of everything", submit(whole), "BLOB_MISSING")
    yield accepted("noise that is not there", submit(generate(start=start)), "BLOB_MISSING")
    yield accepted("a repeat gives the length", submit(controlled(REPEAT, seconds=0)), "job.state")
    apart = [{**TEXT, "region": {"start": n, "end": n + 1}} for n in (0.0, 1.0)]
    yield accepted("two controls one after the other", submit(controlled(*apart)), "job.state")
    for name, task in {
        "no objectives": {"objectives": []},
        "17 objectives": {"objectives": [GENERATE] * 17},
        "objectives that are a map": {"objectives": GENERATE},
        "an objective without a kind": {"objectives": [{"seconds": 3.0}]},
        "an objective of no known kind": {"objectives": [{"kind": "sing"}]},
        "a misspelt field of a kind": {"objectives": [{**GENERATE, "second": 4}]},
        "a misspelt field of a task": generate(promt="techno"),
        "a misspelt field of music": generate(music={"bmp": 120}),
        "a clip that is nil and music that is too": generate(clip=None, music=None),
        "noise to start from without a name": generate(start={"mode": "resample"}),
        "noise to start from in no known mode": generate(start={"noise": SHA, "mode": "undo"}),
    }.items():
        yield refused(f"task: {name}", submit(task), "INVALID_SPEC", re=5)
    for name, task in {"a list": [], "nil": None, "a text": "techno"}.items():
        yield refused(f"a task that is {name}", {**submit({}), "task": task}, "INVALID_SPEC", re=5)


def submit(task: Value) -> Value:
    return {"t": "job.submit", "i": 5, "job": job_id(next(NUMBERS)), "task": task}


def kind_of(task: Value, path: str) -> str:
    parts = path.split(".")
    if parts[0] != "objectives":
        return "task"
    return str(task["objectives"][int(parts[1])]["kind"])
