"""Controls arrive as they were sent; the largest task of all fits into one header."""

from typing import Any, get_args

import msgpack
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from plugin_protocol.framing import BadMessageError, decode_request, encode
from plugin_protocol.messages import JobSubmit
from plugin_protocol.rules import TASK_BYTES, breaches
from plugin_protocol.values import (
    HEADER_BYTES,
    AudioRef,
    Inpaint,
    Intensity,
    Melody,
    Music,
    Note,
    Objective,
    Region,
    Section,
    Start,
    Structure,
    Task,
    TextMatch,
)

JOB = "01890a5d-ac96-774b-bcce-b302099a8057"
WIDEST = "\N{MUSICAL SYMBOL G CLEF}"
"""A character of four bytes."""


def ref() -> AudioRef:
    return AudioRef(sha=b"\xff" * 32, format="f64le", sample_rate=192000, channels=2, frames=2**26)


def largest() -> Task:
    """Return a task that keeps the rules and has as much of everything as one control may."""
    shared: dict[str, Any] = {"weight": 1e6, "schedule": (0.1, 1e3)}
    third = 1 / 3
    regions = tuple(Region(start=i + third, end=i + 2 * third) for i in range(256))
    points = tuple((i + third, -third) for i in range(512))
    notes = tuple(Note(i + third, i + 2 * third, 127) for i in range(1024))
    region = Region(start=third, end=3000 + third)
    return Task(
        objectives=(
            Inpaint(regions=regions),
            Intensity(points=points, match="level", region=region, **shared),
            Melody(notes=notes, region=region, **shared),
            Structure(sections=(Section(WIDEST * 24, third),) * 128, region=region, **shared),
            TextMatch(description=WIDEST * 500, region=region, **shared),
        ),
        clip=ref(),
        model="m" * 64,
        prompt=WIDEST * 2000,
        seed=2**53 - 7,
        takes=8,
        quality="normal",
        music=Music(bpm=100 + third, beat_offset=-third, key=WIDEST * 200),
        balance=True,
        start=Start(noise=bytes(32), mode="resample"),
    )


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return all values that the schema allows of a type."""
    match kind:
        case inspect.StructType():
            fields = {field.name: values_of(field.type) for field in kind.fields}
            return st.builds(kind.cls, **fields)
        case inspect.UnionType():
            return st.one_of(*map(values_of, kind.types))
        case inspect.TupleType():
            return st.tuples(*map(values_of, kind.item_types))
        case inspect.VarTupleType():
            least = kind.min_length or 0
            return st.lists(values_of(kind.item_type), min_size=least, max_size=3).map(tuple)
        case inspect.FloatType():
            lower = kind.ge if kind.gt is None else kind.gt
            return st.floats(lower, kind.le, exclude_min=kind.ge is None)
        case inspect.IntType():
            return st.integers(kind.ge, kind.le)
        case inspect.StrType():
            return st.text(max_size=kind.max_length)
        case inspect.BytesType():
            return st.binary(min_size=kind.min_length or 0, max_size=kind.max_length)
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
        case inspect.BoolType():
            return st.booleans()
    assert isinstance(kind, inspect.NoneType)
    return st.none()


@settings(max_examples=30)
@given(st.data())
@pytest.mark.parametrize("kind", get_args(Objective), ids=lambda kind: kind.__name__)
def test_any_objective_arrives_as_it_was_sent(kind: Any, data: st.DataObject) -> None:
    objective = data.draw(values_of(inspect.type_info(kind)))
    start = data.draw(values_of(inspect.type_info(Start)))
    task = Task(objectives=(objective,), start=start)
    frames = encode(JobSubmit(job=JOB, task=task))
    assert decode_request(frames) == (JobSubmit(job=JOB, task=task), None)


def test_the_largest_task_with_each_control_once_fits_into_a_header() -> None:
    task = largest()
    assert breaches(task) == ()
    frames = encode(JobSubmit(i=2**63 - 1, job=JOB, task=task, previews=True))
    assert len(frames[1]) <= HEADER_BYTES
    assert decode_request(frames)[0].task == task  # type: ignore[union-attr]


def test_a_task_that_no_header_holds_is_told_so_before_it_is_sent() -> None:
    notes = tuple(Note(i / 2, i / 2 + 0.25, 60) for i in range(1024))
    voices = tuple(
        Melody(notes=notes, region=Region(start=i, end=i + 1)) for i in range(0, 600, 200)
    )
    task = msgspec.structs.replace(largest(), objectives=(Inpaint(regions=()), *voices))
    (said,) = breaches(task)
    assert said.startswith("task: it has ")
    assert f"and {TASK_BYTES} fit into a message" in said


@pytest.mark.parametrize(
    "control",
    [
        {"kind": "intensity", "points": [[0, 21]]},
        {"kind": "intensity", "points": [[0, -121]]},
        {"kind": "intensity", "points": [[0, float("nan")]]},
        {"kind": "intensity", "points": [[float("inf"), 0]]},
        {"kind": "intensity", "points": [[0, 0, 0]]},
        {"kind": "intensity", "points": [[0, 0]] * 513},
        {"kind": "intensity", "match": "loudness"},
        {"kind": "melody", "notes": [[0, 1, 128]]},
        {"kind": "melody", "notes": [[0, 1, 60.5]]},
        {"kind": "melody", "notes": [[0, 1, 60, 100]]},
        {"kind": "melody", "notes": [[0, 1, 60]] * 1025},
        {"kind": "structure", "sections": [["A", 0]]},
        {"kind": "structure", "sections": [["A" * 25, 1]]},
        {"kind": "structure", "sections": [["A", 1]] * 129},
        {"kind": "structure", "unit": "beats"},
        {"kind": "repeat"},
        {"kind": "repeat", "period": 0},
        {"kind": "text", "description": "a" * 501},
        {"kind": "text", "description": "a", "weight": 0},
        {"kind": "text", "description": "a", "weight": float("nan")},
        {"kind": "text", "description": "a", "schedule": [1]},
        {"kind": "text", "description": "a", "schedule": [-1, 1]},
        {"kind": "text", "description": "a", "region": {"start": 1}},
        {"kind": "vary", "strength": 1.01},
        {"kind": "timbre"},
    ],
)
def test_a_control_out_of_bounds_is_an_invalid_spec(control: dict[str, Any]) -> None:
    fields = {"t": "job.submit", "i": 5, "job": JOB, "task": {"objectives": [control]}}
    with pytest.raises(BadMessageError) as error:
        decode_request([b"DITO\1\1\0\0", msgpack.packb(fields)])
    assert (error.value.code, error.value.answers) == ("INVALID_SPEC", 5)
