"""From a clip on disk to a clip on disk, through the real daemon and the model that ships."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from numpy.typing import NDArray

from engine.evaluation.seams import SeamReport, seam_report

from .conftest import EXAMPLES, KEYS, Ditto, Made


def samples(path: Path) -> NDArray[np.int16]:
    read: NDArray[np.int16] = soundfile.read(path, dtype="int16", always_2d=True)[0]
    return read


def finds_the_clip(manifest: dict[str, Any]) -> bool:
    """Whether the music is within 8 dB² of what stays of the clip, and no farther than at first.

    The first sample knows the clip already: it is told the music around the gap.
    """
    (take,) = manifest["outputs"]
    first, last = (sum(take[kind].values()) for kind in ("first_losses", "losses"))
    return bool(last <= first and last <= 8)


def seams(made: Path, clip: Path, positions: list[int]) -> tuple[SeamReport, ...]:
    """Measure the seams against what the clip itself does."""
    audio, reference = (
        torch.from_numpy(soundfile.read(path, dtype="float32", always_2d=True)[0].T.copy())
        for path in (made, clip)
    )
    return seam_report(audio, 44100, positions, reference=reference)


def worst_seam(made: Path, clip: Path, positions: list[int]) -> float:
    """Return the worst percentile of sample steps and clicks.

    Not of flux: a loop begins, and a region may, with the clip's own loudest hit.
    """
    reports = seams(made, clip, positions)
    return max(max(r.jump_percentile, r.burst_percentile) for r in reports)


def test_a_clip_is_continued_bit_identical_and_to_the_sample(continued: Made) -> None:
    old, made = samples(continued.clip), samples(continued.out)
    assert np.array_equal(made[: len(old)], old)
    assert len(made) == len(old) + 3 * 44100
    assert np.abs(made[len(old) :]).max() > 1000


def test_the_seam_of_a_continued_clip_does_not_click(continued: Made) -> None:
    (seam,) = seams(continued.out, continued.clip, [len(samples(continued.clip))])
    assert max(seam.jump_percentile, seam.flux_percentile, seam.burst_percentile) <= 99


def test_the_music_finds_the_clip(continued: Made) -> None:
    assert finds_the_clip(continued.manifest)


def test_the_picture_lies_beside_the_music(continued: Made) -> None:
    assert continued.out.with_suffix(".png").stat().st_size > 10_000


def test_the_music_of_the_clip_is_followed(continued: Made) -> None:
    music = continued.manifest["music"]
    assert abs(music["bpm"] - 124) < 2
    assert music["key"] == "A minor"


def test_two_regions_are_made_anew_and_nothing_else(ditto: Ditto, tmp_path: Path) -> None:
    clip, out = KEYS, tmp_path / "filled.wav"
    regions = ["--region", "1-2", "--region", "3.5-4.5"]
    manifest = ditto.manifest("inpaint", clip, "-o", out, *regions, "--quality", "normal")
    old, made = samples(clip), samples(out)
    changed = np.zeros(len(old), dtype=bool)
    changed[44100 : 2 * 44100] = changed[round(3.5 * 44100) : round(4.5 * 44100)] = True
    assert np.array_equal(made[~changed], old[~changed])
    assert not np.array_equal(made[changed], old[changed])
    edges = [44100, 2 * 44100, round(3.5 * 44100), round(4.5 * 44100)]
    assert worst_seam(out, clip, edges) <= 99
    assert finds_the_clip(manifest)


def test_a_loop_repeats_without_a_click(ditto: Ditto, tmp_path: Path) -> None:
    clip, out = EXAMPLES / "band.wav", tmp_path / "loop.wav"
    manifest = ditto.manifest("loop", clip, "-o", out, "--quality", "normal")
    old, made = samples(clip), samples(out)
    assert np.array_equal(made[: len(old)], old)
    bars = len(made) / 44100 / (4 * 60 / manifest["music"]["bpm"])
    assert abs(bars - round(bars)) < 0.02
    four_times = tmp_path / "four.wav"
    soundfile.write(four_times, np.tile(made, (4, 1)), 44100)
    turns = [i * len(made) for i in (1, 2, 3)]
    assert worst_seam(four_times, clip, turns) <= 99
    assert finds_the_clip(manifest)


def test_words_alone_make_music(ditto: Ditto, tmp_path: Path) -> None:
    out = tmp_path / "idea.wav"
    prompt = "dark techno, 130 bpm, A minor, drums, synth bass"
    manifest = ditto.manifest("generate", "-o", out, "--seconds", 4, "--prompt", prompt)
    assert len(samples(out)) == 4 * 44100
    assert manifest["recognized"]["style"] == "techno"


def test_another_seed_makes_other_music(two_takes: tuple[Path, Path]) -> None:
    first, second = map(samples, two_takes)
    assert not np.array_equal(first, second)


def test_the_second_take_is_what_the_next_seed_makes(
    ditto: Ditto, tmp_path: Path, two_takes: tuple[Path, Path]
) -> None:
    ditto.manifest("outpaint", KEYS, "-o", tmp_path / "o.wav", "--seconds", 2, "--seed", 1)
    assert np.array_equal(samples(tmp_path / "o.wav"), samples(two_takes[1]))


@pytest.mark.parametrize("words", [("--overlap", "9"), ("--model", "nothing")])
def test_what_cannot_be_done_is_one_line_and_leaves_no_file(
    ditto: Ditto, tmp_path: Path, words: tuple[str, str]
) -> None:
    out = tmp_path / "o.wav"
    process = ditto.start("outpaint", KEYS, "-o", out, *words)
    _, err = process.communicate(timeout=120)
    assert process.returncode != 0
    assert err.strip().splitlines()[-1].startswith("ditto: ")
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
