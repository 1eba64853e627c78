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
from typing import Any, TypeVar

import torch
from torch import Tensor

from engine.shapes import Latents, Scalar
from engine.training.hardware import Hardware
from engine.training.log import Log
from engine.training.progress import progress
from engine.training.saved_state import Run, Trained

Beside = TypeVar("Beside")
"""What comes with the latents of a batch: what is said about them, or their audio."""
BatchAt = Callable[[int, float, torch.Generator], tuple[Latents, Beside]]
"""Step, share of the budget that is spent and random numbers, to a batch."""
LossOf = Callable[[Run[Trained], Latents, Beside, torch.Generator], Scalar]
Validate = Callable[[Trained], Mapping[str, float]]

CPU = Hardware(torch.device("cpu"))


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

    def spent(self, run: Run[Any]) -> float:
        """Return the share of the budget that is spent, 1 at the end."""
        return max(run.step / self.steps, run.seconds / 60 / self.minutes)

    def words(self) -> str:
        """Return the limits in words."""
        limits = {f"{self.minutes:g} minutes": self.minutes, f"{self.steps:g} steps": self.steps}
        return " or ".join(said for said, limit in limits.items() if limit < float("inf"))

    def rate(self, run: Run[Any]) -> float:
        """Return the learning rate of the run's next step."""
        left = (1 - self.spent(run)) / self.decay if self.decay else 1.0
        return self.learning_rate * min(1.0, (run.step + 1) / self.warm_up, 0.01 + 0.99 * left)


def train(
    model: Trained,
    batch_at: BatchAt[Beside],
    budget: Budget,
    folder: Path,
    *,
    loss_of: LossOf[Trained, Beside],
    validate: Validate[Trained] | None = None,
    hardware: Hardware = CPU,
) -> Trained:
    """Train until the budget is spent and return the averaged weights, on the CPU.

    Goes on from folder/training.safetensors; keeps log.csv and loss.png there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = begin(model.to(hardware.device), budget)
    state, log = folder / "training.safetensors", Log(folder)
    run.restore(state)
    for network in (run.model, run.average):
        hardware.compile(network)
    began = saved = time.monotonic() - run.seconds
    losses: list[Tensor] = []
    with progress(folder.name) as report:
        while (share := budget.spent(run)) < 1:
            # The step seeds its own draws, so that a resumed run sees what an unbroken one would.
            draw = hardware.draw(run.step)
            latents, beside = batch_at(run.step, share, draw)
            with hardware.autocast():
                loss = loss_of(run, latents, beside, draw)
            descend(run, loss, budget)
            run.samples += len(latents)
            losses.append(loss.detach())
            run.seconds = time.monotonic() - began
            report.at(share, f"step {run.step}, {run.samples / run.seconds:.0f} samples/s")
            if budget.spent(run) >= 1 or time.monotonic() - saved > budget.save_every:
                saved = time.monotonic()
                run.save(state)
                held_out = validate(run.average) if validate else {}
                report.line(log.add(run, float(torch.stack(losses).mean()), held_out))
                losses = []
        report.line(f"step {run.step}, {run.samples} samples in {run.seconds / 60:.1f} minutes")
    return run.average.cpu()


def begin(model: Trained, budget: Budget) -> Run[Trained]:
    """Return a run that has not begun."""
    adam = torch.optim.AdamW(
        model.parameters(),
        lr=budget.learning_rate,
        betas=(0.9, 0.98),
        weight_decay=0.01,
        fused=next(model.parameters()).is_cuda,
    )
    return Run(model, copy.deepcopy(model).requires_grad_(False), adam)


def descend(run: Run[Any], loss: Tensor, budget: Budget) -> None:
    """Take one step down `loss`, and let the average follow."""
    for group in run.optimizer.param_groups:
        group["lr"] = budget.rate(run)
    run.optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
    run.optimizer.step()
    run.step += 1
    run.follow(min(budget.ema, 1 - 1 / (run.step + 1) ** 0.75))
