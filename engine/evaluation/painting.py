"""Painting on the bundled clips: does the loss fall, and does one hear the seam?

    python -m engine.evaluation.painting [FOLDER] [--quality normal] [--model embedded]

Outpaint, inpaint (two regions) and loop on each clip, beside naive masking with the same noise. A
seam is measured as percentiles of the clip's own sample steps, spectral flux and bursts: below 99
it is no event in that music. Loops are judged where their end meets their start. Whether the new
material belongs to the clip is told by `cohesion`.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import soundfile as sf
import torch

from engine.assembly import assemble
from engine.baselines.masking import sample_masked
from engine.evaluation.cohesion import timbre_distance
from engine.evaluation.seams import seam_report
from engine.job import Job
from engine.models import load
from engine.models.music_model import HasFeatureDomain, MusicModel
from engine.objectives.painting import frames_inside
from engine.preparation import prepare
from engine.rate import resample, with_channels
from engine.requests import Clip, Request
from engine.results import TaskResult
from engine.shapes import Latents, Samples
from engine.spans import Spans
from engine.tasks import perform
from engine.window_job import WindowJob

EXAMPLES = Path(__file__).parents[2] / "installers" / "examples"


@dataclass(frozen=True)
class Row:
    """One task on one clip."""

    clip: str
    task: str
    first_loss: float
    last_loss: float
    ditto: "Join"
    masking: "Join"

    @property
    def fall(self) -> float:
        """The share of the first loss that is gone."""
        return 1 - self.last_loss / self.first_loss


@dataclass(frozen=True)
class Join:
    """How new material joins the clip: the worst seam's percentiles, timbre distance in dB."""

    jump: float
    flux: float
    burst: float
    timbre: float


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
                _join(take.audio, job, loops=task == "loop"),
                _join(masked(job), job, loops=task == "loop"),
            )


def masked(job: Job) -> Samples:
    """Return what naive masking makes of the job's first take."""

    def sample(work: WindowJob, x_T: Latents) -> Latents:
        known, keep_mask = work.known
        return sample_masked(
            partial(job.model.denoise, conditioning=work.told),
            x_T,
            job.model.noise_schedule,
            steps=job.model.steps,
            known=job.model.encode_audio(known[None]),
            keep_mask=frames_inside(keep_mask, x_T.shape[-1], 0),
        )

    return _sampled(job, sample)


def natively_inpainted(job: Job) -> Samples:
    """Return what the model makes of the job's first take, told the known music; no search."""
    return _sampled(job, lambda work, x_T: work.player.play(x_T))


@torch.no_grad()
def _sampled(job: Job, sample: Callable[[WindowJob, Latents], Latents]) -> Samples:
    canvas = job.canvas
    for index, window in enumerate(job.windows):
        work = WindowJob(job, window, canvas)
        canvas, _ = work.place(sample(work, job.noise(0, index)))
    return assemble(job.clip, job.layout, canvas)


def _finish(request: Request, clip: Clip, model: MusicModel) -> TaskResult:
    for update in perform(request, clip, model):
        if update.result is not None:
            return update.result
    raise RuntimeError("the task ended without a result")


def _join(audio: Samples, job: Job, *, loops: bool) -> Join:
    """Measure at the seams, and where the end meets the start of a loop."""
    new, length = job.layout.new, audio.shape[-1]
    positions = sorted({edge % length for span in new for edge in span if loops or edge % length})
    reports = seam_report(audio, job.clip.sample_rate, positions, reference=job.clip.audio)
    return Join(
        max(r.jump_percentile for r in reports),
        max(r.flux_percentile for r in reports),
        max(r.burst_percentile for r in reports),
        _timbre(audio, job.clip.sample_rate, new, job.model),
    )


def _timbre(audio: Samples, sample_rate: int, new: Spans, model: MusicModel) -> float:
    """Return the timbre distance of the new to the known material, in dB."""
    assert isinstance(model, HasFeatureDomain)
    heard = with_channels(resample(audio, sample_rate, model.sample_rate), model.channels)
    features = model.encode_features(heard[None])[0]
    frame = model.hop_length // model.frames_per_latent * sample_rate / model.sample_rate
    is_new = torch.zeros(features.shape[1], dtype=torch.bool)
    for start, end in new:
        is_new[round(start / frame) : round(end / frame)] = True
    return timbre_distance(features[:, is_new], features[:, ~is_new])


def table(rows: Iterator[Row]) -> Iterator[str]:
    """Yield the lines of the table, Markdown."""
    yield (
        "| clip | task | overlap loss dB² | falls by "
        "| seam: jump, flux, burst (percentile) | timbre dB "
        "| masking: seam | timbre dB |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for row in rows:
        yield (
            f"| {row.clip} | {row.task} | {row.first_loss:.0f} → {row.last_loss:.1f} "
            f"| {row.fall:.0%} {_cells(row.ditto)} {_cells(row.masking)} |"
        )


def _cells(join: Join) -> str:
    seam = f"{join.jump:.1f}, {join.flux:.1f}, {join.burst:.1f}"
    return f"| {seam} | {join.timbre:.1f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Outpaint, inpaint and loop the example clips.")
    parser.add_argument("folder", type=Path, nargs="?", default=EXAMPLES)
    parser.add_argument("--quality", default="normal", choices=["draft", "normal", "best"])
    parser.add_argument("--model", default="embedded")
    arguments = parser.parse_args()
    for line in table(measure(arguments.folder, load(arguments.model), arguments.quality)):
        print(line, flush=True)
