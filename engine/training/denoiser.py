"""Train the denoiser: velocity prediction on the cosine path, AdamW, EMA, a budget to spend.

x_t = cos(pi t / 2) x_0 + sin(pi t / 2) eps and v = cos(pi t / 2) eps - sin(pi t / 2) x_0
(Salimans and Ho 2022). The learning rate follows the share of the budget that is spent, so that a
run in minutes ends annealed on any machine.
"""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.models.denoiser import Denoiser
from engine.training.examples import Examples, Given

LossOf = Callable[[Denoiser, Tensor, Given, torch.Generator], Tensor]


@dataclass(frozen=True)
class Budget:
    """What a run may spend: minutes of wall time or steps, whichever ends first."""

    minutes: float = float("inf")
    steps: float = float("inf")
    batch: int = 32
    learning_rate: float = 1e-3
    ema: float = 0.9985
    save_every: float = 120.0
    """Seconds between checkpoints."""

    def spent(self, step: int, seconds: float) -> float:
        """Return the share of the budget that is spent, 1 at the end."""
        return max(step / self.steps, seconds / 60 / self.minutes)


def velocity_loss(
    model: Denoiser, latents: Tensor, given: Given, generator: torch.Generator
) -> Tensor:
    """Return the mean squared error of the velocity at random times.

    Four tenths of the times are uniform, the rest crowd where the music takes shape (logit-normal).
    """
    size = len(latents)
    uniform = torch.rand(size, generator=generator)
    crowded = torch.sigmoid(0.4 + 1.1 * torch.randn(size, generator=generator))
    t = torch.where(torch.rand(size, generator=generator) < 0.4, uniform, crowded)
    angle = (t * torch.pi / 2)[:, None, None]
    noise = torch.randn(latents.shape, generator=generator)
    x_t = angle.cos() * latents + angle.sin() * noise
    velocity = angle.cos() * noise - angle.sin() * latents
    return F.mse_loss(model(x_t, t, given), velocity)


def train(
    model: Denoiser,
    examples: Examples,
    budget: Budget,
    folder: Path,
    *,
    loss_of: LossOf = velocity_loss,
    validate: Callable[[Denoiser], float] | None = None,
) -> Denoiser:
    """Train until the budget is spent and return the averaged (EMA) weights.

    Goes on from folder/training.safetensors; writes log.csv (step, seconds, loss, validation).
    """
    folder.mkdir(parents=True, exist_ok=True)
    average = copy.deepcopy(model).requires_grad_(False)
    adam = torch.optim.AdamW(
        model.parameters(), lr=budget.learning_rate, betas=(0.9, 0.98), weight_decay=0.01
    )
    step, before = _restore(folder, model, average, adam)
    started = saved = time.monotonic()
    losses: list[float] = []
    while (share := budget.spent(step, before + time.monotonic() - started)) < 1:
        for group in adam.param_groups:
            group["lr"] = budget.learning_rate * _rate(step, share)
        # The step seeds its own draws, so that a resumed run sees what an unbroken one would.
        generator = torch.Generator().manual_seed(step)
        latents, given = examples.batch(generator, budget.batch)
        loss = loss_of(model, latents, given, generator)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        step += 1
        _average(average, model, min(budget.ema, 1 - 1 / (step + 1) ** 0.75))
        losses.append(loss.item())
        if time.monotonic() - saved > budget.save_every:
            saved = time.monotonic()
            seconds = before + saved - started
            _save(folder, model, average, adam, step, seconds)
            held_out = validate(average) if validate else float("nan")
            _log(folder, step, step * budget.batch, seconds, sum(losses) / len(losses), held_out)
            losses = []
    _save(folder, model, average, adam, step, before + time.monotonic() - started)
    return average


def _rate(step: int, share: float) -> float:
    """Return the share of the full learning rate: short warm-up, then a half cosine to 2 %."""
    cosine = 0.5 * (1 + float(torch.cos(torch.tensor(torch.pi * min(share, 1.0)))))
    return min(1.0, (step + 1) / 80) * (0.98 * cosine + 0.02)


@torch.no_grad()
def _average(average: Denoiser, model: Denoiser, decay: float) -> None:
    for kept, new in zip(average.parameters(), model.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)


def _save(
    folder: Path,
    model: Denoiser,
    average: Denoiser,
    adam: torch.optim.Optimizer,
    step: int,
    seconds: float,
) -> None:
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.state_dict().items()}
    for number, state in adam.state_dict()["state"].items():
        tensors |= {f"adam.{number}.{k}": v for k, v in state.items()}
    tensors = {name: tensor.clone().contiguous() for name, tensor in tensors.items()}
    temporary = folder / "training.tmp"
    save_file(tensors, temporary, metadata={"step": str(step), "seconds": str(seconds)})
    temporary.replace(folder / "training.safetensors")


def _restore(
    folder: Path, model: Denoiser, average: Denoiser, adam: torch.optim.Optimizer
) -> tuple[int, float]:
    path = folder / "training.safetensors"
    if not path.exists():
        return 0, 0.0
    from safetensors import safe_open

    tensors = load_file(path)
    for name, module in (("model", model), ("average", average)):
        prefix = f"{name}."
        module.load_state_dict(
            {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
        )
    state = adam.state_dict()
    for name, tensor in tensors.items():
        if name.startswith("adam."):
            _, number, key = name.split(".")
            state["state"].setdefault(int(number), {})[key] = tensor
    adam.load_state_dict(state)
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    return int(metadata["step"]), float(metadata["seconds"])


def _log(
    folder: Path, step: int, samples: int, seconds: float, loss: float, held_out: float
) -> None:
    line = f"{step},{samples},{seconds:.0f},{loss:.4f},{held_out:.4f}"
    print("train: step,samples,seconds,loss,validation", line, flush=True)
    with (folder / "log.csv").open("a") as log:
        log.write(line + "\n")
