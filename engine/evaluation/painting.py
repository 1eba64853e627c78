"""Painting on the bundled clips: does the loss fall, and does one hear the seam?

    python -m engine.evaluation.painting [FOLDER] [--quality normal] [--model embedded]

Outpaint, inpaint (two regions) and loop on each clip, beside naive masking with the same noise. A
seam is measured as percentiles of the clip's own sample steps and spectral flux: below 99 it is no
event in that music. Loops are judged where their end meets their start.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import soundfile as sf
import torch

from engine.assembly import assemble
from engine.baselines.masking import sample_masked
from engine.evaluation.seams import seam_report
from engine.models import load
from engine.models.music_model import MusicModel
from engine.objectives.painting import frames_inside
from engine.preparation import prepare
from engine.requests import Clip, Request
from engine.results import TaskResult
from engine.shapes import Samples
from engine.tasks import perform
from engine.window_job import Job, WindowJob

EXAMPLES = Path(__file__).parents[2] / "installers" / "examples"


@dataclass(frozen=True)
class Row:
    """One task on one clip. Percentiles are the worst over the seams, of DITTO and of masking."""

    clip: str
    task: str
    first_loss: float
    last_loss: float
    jump: float
    flux: float
    masking_jump: float
    masking_flux: float

    @property
    def fall(self) -> float:
        """The share of the first loss that is gone."""
        return 1 - self.last_loss / self.first_loss


def requests(seconds: float, quality: str) -> dict[str, Request]:
    """Return one request per task for a clip of that length."""
    third = seconds / 6
    return {
        "outpaint": Request("outpaint", seconds=3.0, quality=quality),
        "inpaint": Request(
            "inpaint",
            regions=((third, 2 * third), (4 * third, 5 * third)),
            quality=quality,
        ),
        "loop": Request("loop", quality=quality),
    }


def measure(folder: Path, model: MusicModel, quality: str) -> Iterator[Row]:
    """Yield a row per clip and task."""
    for path in sorted(folder.glob("*.wav")):
        samples, rate = sf.read(path, dtype="float32", always_2d=True)
        clip = Clip(torch.from_numpy(samples.T.copy()), rate)
        for task, request in requests(len(samples) / rate, quality).items():
            result = _finish(request, clip, model)
            (take,) = result.takes
            job, _ = prepare(request, clip, model)
            yield Row(
                path.stem,
                task,
                sum(take.first_losses.values()),
                sum(take.losses.values()),
                *_seams(take.audio, result.new, clip, task),
                *_seams(masked(job), result.new, clip, task),
            )


def masked(job: Job) -> Samples:
    """Return what naive masking makes of the job's first take."""
    canvas = job.canvas
    for index, window in enumerate(job.windows):
        work = WindowJob(job, window, canvas)
        known, keep_mask = work.known
        x_T = job.noise(0, index)
        keep = frames_inside(keep_mask, x_T.shape[-1], 0)
        with torch.no_grad():
            x_0 = sample_masked(
                partial(job.model.denoise, conditioning=work.conditioning),
                x_T,
                job.model.noise_schedule,
                steps=job.model.steps,
                known=job.model.encode_audio(known[None]),
                keep_mask=keep,
            )
        canvas, _ = work.place(x_0)
    return assemble(job.clip, job.layout, canvas)


def _finish(request: Request, clip: Clip, model: MusicModel) -> TaskResult:
    for update in perform(request, clip, model):
        if update.result is not None:
            return update.result
    raise RuntimeError("the task ended without a result")


def _seams(
    audio: Samples, new: tuple[tuple[int, int], ...], clip: Clip, task: str
) -> tuple[float, float]:
    """Return the worst percentiles of jump and flux over the seams."""
    length = audio.shape[-1]
    edges = {edge % length for span in new for edge in span}
    positions = sorted(edge for edge in edges if edge or task == "loop")
    reports = seam_report(audio, clip.sample_rate, positions, reference=clip.audio)
    return max(r.jump_percentile for r in reports), max(r.flux_percentile for r in reports)


def table(rows: Iterator[Row]) -> Iterator[str]:
    """Yield the lines of the table, Markdown."""
    yield "| clip | task | loss dB² | falls by | jump, flux (percentile) | masking |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        yield (
            f"| {row.clip} | {row.task} | {row.first_loss:.0f} → {row.last_loss:.1f} "
            f"| {row.fall:.0%} | {row.jump:.1f}, {row.flux:.1f} "
            f"| {row.masking_jump:.1f}, {row.masking_flux:.1f} |"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Outpaint, inpaint and loop the example clips.")
    parser.add_argument("folder", type=Path, nargs="?", default=EXAMPLES)
    parser.add_argument("--quality", default="normal", choices=["draft", "normal", "best"])
    parser.add_argument("--model", default="embedded")
    arguments = parser.parse_args()
    for line in table(measure(arguments.folder, load(arguments.model), arguments.quality)):
        print(line, flush=True)
