"""The training loop: AdamW, averaged weights (EMA), a budget to spend, resumable at any time.

The learning rate warms up, stays, and decays over the last stretch of the budget to nothing
(warm-up-stable-decay, Hu et al. 2024), whether that is counted in minutes or in steps. A run that
does not decay can be gone on from by the next.
"""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.models.denoiser import Denoiser
from engine.training.course import Course
from engine.training.examples import Given
from engine.training.saved_state import Run

LossOf = Callable[[Run, Tensor, Given, torch.Generator], Tensor]
Validate = Callable[[Denoiser], Mapping[str, float]]


@dataclass(frozen=True)
class Budget:
    """What a run may spend: minutes of wall time or steps, whichever ends first."""

    minutes: float = float("inf")
    steps: float = float("inf")
    learning_rate: float = 1e-3
    warm_up: int = 200
    """Steps until the full learning rate."""
    decay: float = 0.3
    """Share of the budget over which the learning rate goes down, at the end; 0: it stays."""
    ema: float = 0.9985
    save_every: float = 120.0
    """Seconds between checkpoints."""

    def spent(self, run: Run) -> float:
        """Return the share of the budget that is spent, 1 at the end."""
        return max(run.step / self.steps, run.seconds / 60 / self.minutes)

    def rate(self, run: Run) -> float:
        """Return the learning rate of the run's next step."""
        left = (1 - self.spent(run)) / self.decay if self.decay else 1.0
        return self.learning_rate * min(1.0, (run.step + 1) / self.warm_up, 0.01 + 0.99 * left)


def train(
    model: Denoiser,
    course: Course,
    budget: Budget,
    folder: Path,
    *,
    loss_of: LossOf,
    validate: Validate | None = None,
) -> Denoiser:
    """Train until the budget is spent and return the averaged weights.

    Goes on from folder/training.safetensors; writes log.csv.
    """
    folder.mkdir(parents=True, exist_ok=True)
    adam = torch.optim.AdamW(
        model.parameters(), lr=budget.learning_rate, betas=(0.9, 0.98), weight_decay=0.01
    )
    run = Run(model, copy.deepcopy(model).requires_grad_(False), adam)
    state = folder / "training.safetensors"
    run.restore(state)
    began = saved = time.monotonic() - run.seconds
    losses: list[float] = []
    while (share := budget.spent(run)) < 1:
        for group in adam.param_groups:
            group["lr"] = budget.rate(run)
        # The step seeds its own draws, so that a resumed run sees what an unbroken one would.
        draw = torch.Generator().manual_seed(run.step)
        latents, given = course.batch_at(run.step, share, draw)
        loss = loss_of(run, latents, given, draw)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        run.step += 1
        run.samples += len(latents)
        _average(run.average, model, min(budget.ema, 1 - 1 / (run.step + 1) ** 0.75))
        losses.append(loss.item())
        run.seconds = time.monotonic() - began
        if time.monotonic() - saved > budget.save_every:
            saved = time.monotonic()
            run.save(state)
            _log(folder, run, losses, validate(run.average) if validate else {})
            losses = []
    run.save(state)
    return run.average


@torch.no_grad()
def _average(average: Denoiser, model: Denoiser, decay: float) -> None:
    for kept, new in zip(average.parameters(), model.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)


def _log(folder: Path, run: Run, losses: list[float], held_out: Mapping[str, float]) -> None:
    """Append one line to log.csv, and print it."""
    row = {
        "step": str(run.step),
        "samples": str(run.samples),
        "seconds": f"{run.seconds:.0f}",
        "loss": f"{sum(losses) / len(losses):.4f}",
        **{name: f"{value:.4f}" for name, value in held_out.items()},
    }
    path = folder / "log.csv"
    header = "" if path.exists() else ",".join(row) + "\n"
    with path.open("a") as log:
        log.write(header + ",".join(row.values()) + "\n")
    print("train:", ", ".join(f"{name} {value}" for name, value in row.items()), flush=True)
