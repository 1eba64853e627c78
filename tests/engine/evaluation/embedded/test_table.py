"""The table's form, and the whole of it on stand-ins for real clips."""

from pathlib import Path

import pytest
import torch

from engine.evaluation.embedded import clips, table
from engine.evaluation.embedded.footprint import megabytes
from engine.evaluation.embedded.judge import Judge, Scores
from engine.evaluation.embedded.pictures import draw
from engine.models.embedded import load
from engine.training.corpus.composition import compose

SCORES = Scores(0.9, 0.8, 1.0, 0.9, 1.0, 0.9, 0.64, 0.7, 17.0, -18.0, 3.2, 0.01, 0.5)


def test_every_line_has_a_cell_for_every_heading() -> None:
    heading, ruler = table.heading(200).splitlines()
    line = str(table.Line("embedded, 4 steps", SCORES, 0.2))
    assert heading.count("|") == ruler.count("|") == line.count("|") == len(table.HEADINGS) + 2
    assert "| +17.0 / -18.0 |" in line


def test_clips_that_are_the_reference_have_no_distance_and_noise_is_no_copy() -> None:
    model = load()
    pieces = [compose(seed)[0] for seed in range(40)]
    generator = torch.Generator().manual_seed(0)
    train, held_out = (
        clips.Clips(torch.randn(40, 192, 64, generator=generator), pieces) for _ in range(2)
    )
    judge = Judge.of(model.codec, train, held_out.first(20))
    scores = judge.scores(judge.reference, pieces[:20])
    assert scores.frechet < 1e-3
    assert scores.copied == pytest.approx(1 / 20)  # the nearest itself lies below the 1 % quantile
    assert 0 <= scores.bar <= scores.beat <= 1
    assert scores.in_key == pytest.approx(7 / 12, abs=0.05)


def test_without_a_soundfont_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips, "FONT", tmp_path / "none.sf3")
    with pytest.raises(FileNotFoundError, match="fluidr3mono-gm-soundfont"):
        clips.real_clips(tmp_path, load().codec, held_out=10)


def test_the_shipped_weights_fit_into_32_mb() -> None:
    assert 1 < megabytes() <= 32


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    mel = torch.randn(2, 128, 512, generator=torch.Generator().manual_seed(0))
    draw(tmp_path / "clips.png", mel, mel, [compose(seed)[0] for seed in range(2)])
    assert (tmp_path / "clips.png").read_bytes()[1:4] == b"PNG"
