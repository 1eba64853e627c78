"""Memory and time of one DITTO iteration, by sampler steps and checkpointing, as a table.

    python -m engine.evaluation.core_speed [MODEL ...]

The loss is on latents, so nothing is decoded: what is measured is the backpropagation through the
sampler. All rows come from one run; compare rows, not machines.
"""

import sys
import time
from dataclasses import dataclass
from functools import partial

import torch

from engine.activation_memory import LiveBytes
from engine.evaluation.untrained_model import UntrainedModel
from engine.models import load
from engine.models.music_model import Conditioning, MusicalContext, MusicModel
from engine.sampler.checkpointing import Checkpointing, recompute_blocks
from engine.sampler.sample import sample
from engine.shapes import Latents

_WAYS: tuple[Checkpointing, ...] = ("none", "block", "step")


@dataclass(frozen=True)
class Row:
    """One way of one iteration. `difference` is the largest to the plain gradient.

    `peak_bytes` are activations, `total_bytes` with the weights, as the paper counts.
    """

    checkpointing: Checkpointing
    steps: int
    peak_bytes: int
    total_bytes: int
    seconds: float
    difference: float


def measure(
    model: MusicModel, *, steps: tuple[int, ...] = (4, 50), repeats: int = 3
) -> tuple[Row, ...]:
    """Return a row for each number of sampler steps and each way that `model` offers."""
    seconds = model.max_latent_frames * model.hop_length / model.sample_rate
    conditioning = model.encode_text("", seconds=seconds, context=MusicalContext())
    generator = torch.Generator().manual_seed(0)
    x_T = torch.randn(model.latents_shape(seconds), generator=generator)
    rows = []
    for count in steps:
        plain = _gradient(model, conditioning, x_T, count, "none")
        for way in _WAYS:
            able, used = recompute_blocks(model, way)
            if used == way:
                iteration = partial(_gradient, able, conditioning, x_T, count, way)
                difference = float((iteration() - plain).abs().max())
                with LiveBytes() as live:
                    iteration()
                total, fastest = live.peak + live.before, _fastest(iteration, repeats)
                rows.append(Row(way, count, live.peak, total, fastest, difference))
    return tuple(rows)


def table(model_name: str, rows: tuple[Row, ...]) -> str:
    """Return `rows` as text, with the growth of memory from the first number of steps."""
    lines = [
        f"One DITTO iteration of {model_name!r}, loss on latents, "
        f"threads: {torch.get_num_threads()}",
        f"{'checkpointing':<14}{'steps':>6}{'activations MB':>17}{'growth':>8}"
        f"{'with weights MB':>17}{'growth':>8}{'seconds':>10}{'gradient - plain':>18}",
    ]
    for row in rows:
        first = next(other for other in rows if other.checkpointing == row.checkpointing)
        lines.append(
            f"{row.checkpointing:<14}{row.steps:>6}"
            f"{row.peak_bytes / 1e6:>17.2f}{row.peak_bytes / first.peak_bytes:>7.2f}x"
            f"{row.total_bytes / 1e6:>17.2f}{row.total_bytes / first.total_bytes:>7.2f}x"
            f"{row.seconds:>10.3f}{row.difference:>18g}"
        )
    return "\n".join(lines)


def _gradient(
    model: MusicModel,
    conditioning: Conditioning,
    x_T: Latents,
    steps: int,
    checkpointing: Checkpointing,
) -> Latents:
    noise = x_T.clone().requires_grad_()
    x_0 = sample(
        partial(model.denoise, conditioning=conditioning),
        noise,
        model.noise_schedule,
        steps=steps,
        checkpointing=checkpointing,
    )
    (gradient,) = torch.autograd.grad(x_0.square().mean(), noise)
    return gradient


def _fastest(iteration: "partial[Latents]", repeats: int) -> float:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        iteration()
        times.append(time.perf_counter() - began)
    return min(times)


def main(names: list[str]) -> None:
    """Print the table of each model named; "untrained" needs no weights."""
    for name in names or ["embedded"]:
        model = UntrainedModel(width=128) if name == "untrained" else load(name)
        print(table(name, measure(model)))


if __name__ == "__main__":
    main(sys.argv[1:])
