"""The controls' table: rows survive a stop, and what is kept of two objectives is arithmetic."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.controls import Repeat, TextMatch
from engine.evaluation import control_measures as measures
from engine.evaluation.control_runs import Row, Rows, measure
from engine.evaluation.control_targets import TARGETS
from engine.evaluation.controls import CONTROLS, MEASURES, kept, table
from engine.evaluation.controls_figure import draw

ROW = Row(
    control="intensity",
    target="ramp",
    seed=3,
    quality="normal",
    style="jazz",
    style_before="jazz",
    style_after="rock",
    before={"intensity": 7.0},
    after={"intensity": 1.5},
    iterations=21,
    stopped="threshold",
    seconds=9.5,
    iteration_seconds=0.25,
    noise_deviation=(0.98, 1.03),
)
TOGETHER = replace(
    ROW,
    control="intensity + melody",
    before={"intensity": 8.0, "melody": 0.2},
    alone={"intensity": 2.0, "melody": 0.8},
    after={"intensity": 3.5, "melody": 0.65},
)


def never() -> Row:
    raise AssertionError("made again")


def test_a_row_that_was_written_is_read_and_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    first = Rows.at(path)
    assert first.get(ROW.key, lambda: ROW) == ROW
    assert first.get(TOGETHER.key, lambda: TOGETHER) == TOGETHER
    again = Rows.at(path)
    assert again.get(ROW.key, never) == ROW
    assert again.get(TOGETHER.key, never) == TOGETHER


def test_without_a_file_rows_are_kept_in_memory() -> None:
    rows = Rows.at(None)
    rows.get(ROW.key, lambda: ROW)
    assert rows.get(ROW.key, never) == ROW


@pytest.mark.parametrize("measure_name", ["intensity", "melody"])
def test_what_is_kept_is_the_share_of_the_improvement(measure_name: str) -> None:
    # 4.5 of 6 dB, and 0.45 of 0.6: three quarters each, whichever way is better.
    assert kept([TOGETHER, TOGETHER], measure_name) == pytest.approx(0.75)


def test_the_table_has_a_line_for_each_control_with_all_of_its_columns() -> None:
    heading, ruler, single, together = table(
        [ROW, replace(ROW, seed=4, style_after="jazz"), TOGETHER]
    )
    assert {line.count("|") for line in (heading, ruler, single, together)} == {10}
    assert "7.0 dB → 1.5 dB" in single
    assert "1.00 → 0.50" in single
    assert "0.98 to 1.03" in single
    assert together.count("75 % kept") == 2


def test_every_control_has_a_measure_and_every_measure_a_control() -> None:
    names = {
        name for control in CONTROLS for name in control.replace("outpaint", "overlap").split(" + ")
    }
    assert names == set(MEASURES)


def audio(seconds: float) -> measures.Signal:
    noise = np.random.default_rng(0).standard_normal((2, round(seconds * measures.SAMPLE_RATE)))
    return (0.05 * noise).astype(np.float32)


@pytest.mark.parametrize("control", TARGETS)
def test_each_target_is_measured_under_its_controls_name(control: str) -> None:
    found = measure(TARGETS[control][0].control, audio(5.94))
    assert list(found) == [control]
    assert np.isfinite(found[control])


def test_what_has_no_measure_is_refused() -> None:
    with pytest.raises(TypeError, match="TextMatch"):
        measure(TextMatch(description="a calm sea"), audio(1))
    assert "repeat" in measure(Repeat(period=1.0), audio(1))


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    pair = (audio(5.94), audio(5.94))
    draw(tmp_path / "controls.png", pair, pair, pair)
    assert (tmp_path / "controls.png").read_bytes()[1:4] == b"PNG"
