"""The benchmark of the core: its numbers are real and its table can be read."""

from engine.evaluation.core_speed import measure, table
from engine.evaluation.untrained_model import UntrainedModel
from engine.models.toy import ToyModel


def test_every_way_is_measured_against_plain_backpropagation() -> None:
    rows = measure(UntrainedModel(width=16, blocks=2), steps=(2, 4), repeats=1)
    assert [(row.steps, row.checkpointing) for row in rows] == [
        (steps, way) for steps in (2, 4) for way in ("none", "block", "step")
    ]
    assert all(row.difference == 0 for row in rows)
    assert all(row.peak_bytes > 0 and row.seconds > 0 for row in rows)


def test_a_model_without_blocks_has_no_row_for_them() -> None:
    rows = measure(ToyModel(), steps=(2,), repeats=1)
    assert [row.checkpointing for row in rows] == ["none", "step"]


def test_the_table_has_a_line_per_row() -> None:
    rows = measure(ToyModel(), steps=(2, 4), repeats=1)
    heading, columns, *lines = table("toy", rows).splitlines()
    assert "'toy'" in heading
    assert columns.split()[:2] == ["checkpointing", "steps"]
    assert len(lines) == len(rows)
