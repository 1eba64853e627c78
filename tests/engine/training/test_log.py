"""What a run tells about itself, in a file, a picture and lines."""

from pathlib import Path

import pytest
from PIL import Image

from engine.models.denoiser import Denoiser
from engine.training.log import Log
from engine.training.loop import Budget, begin
from engine.training.progress import progress


def test_every_checkpoint_is_a_line_and_a_new_picture(tmp_path: Path) -> None:
    net = Denoiser(latent_channels=4, latent_frames=8, width=16, depth=1, heads=2, tag_width=8)
    run = begin(net, Budget(steps=1))
    for step in (10, 20):
        run.step, run.samples = step, 4 * step
        said = Log(tmp_path).add(run, 1 / step, {"held-out": 2 / step})
        with Image.open(tmp_path / "loss.png") as picture:
            assert picture.width == 800
    assert said == "step 20, samples 80, seconds 0, loss 0.0500, held-out 0.1000"
    assert (tmp_path / "log.csv").read_text().splitlines() == [
        "step,samples,seconds,loss,held-out",
        "10,40,0,0.1000,0.2000",
        "20,80,0,0.0500,0.1000",
    ]


def test_without_a_terminal_there_are_plain_lines_and_not_too_many(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress("corpus") as report:
        for i in range(1000):
            report.at(i / 1000, f"{i} clips")
        report.line("done")
    assert capsys.readouterr().out == "corpus: 0.0%, 0 clips\ncorpus: done\n"
