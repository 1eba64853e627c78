"""The student: four steps with guidance in the weights, taught by the base model.

The path is cut into four windows. In each, the teacher takes three guided DDIM sub-steps; the
student learns the one velocity that covers the same way in one step. Any v-prediction sampler of
four steps then runs it, without guidance.

Source: after PeRFlow (Yan et al. 2024) and guided distillation (Meng et al. 2023).
"""

from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.denoiser import Denoiser
from engine.training.codec import fit_codec
from engine.training.course import Course
from engine.training.examples import Given, unsaid
from engine.training.loop import Budget, train

WINDOWS = 4
SUBSTEPS = 3
GUIDANCE = 2.0


def train_student(folder: Path, budget: Budget) -> None:
    """Distill folder/base and save the student to folder/student."""
    from engine.training.stages import load_examples

    teacher = Denoiser.from_pretrained(folder / "base")
    teacher.requires_grad_(False).eval()
    student = Denoiser.from_pretrained(folder / "base").train()
    examples = load_examples(folder, fit_codec(folder / "train"), teacher.understands)
    course = Course(examples["train"], examples.get("long"), short_share=0.0, batch=16)

    def loss_of(model: Denoiser, latents: Tensor, given: Given, draw: torch.Generator) -> Tensor:
        return chord_loss(model, teacher, latents, given, draw)

    average = train(
        student,
        course,
        replace(budget, learning_rate=2e-4),
        folder / "distill",
        loss_of=loss_of,
    )
    average.save_pretrained(folder / "student")


def chord_loss(
    student: Denoiser, teacher: Denoiser, latents: Tensor, given: Given, draw: torch.Generator
) -> Tensor:
    """Return the squared error of the student's velocity over one window of the path.

    On the cosine path a step from angle a to b by velocity v is cos(a - b) x - sin(a - b) v, so the
    velocity that leads from x to y in one step is (cos(a - b) x - y) / sin(a - b).
    """
    size = len(latents)
    window = torch.randint(WINDOWS, (size,), generator=draw)
    start = 1 - window / WINDOWS
    noise = torch.randn(latents.shape, generator=draw)
    angle = (start * torch.pi / 2)[:, None, None]
    x = angle.cos() * latents + angle.sin() * noise
    stride = torch.pi / 2 / WINDOWS / SUBSTEPS
    with torch.no_grad():
        y, t = x, start
        for _ in range(SUBSTEPS):
            told, free = teacher(y, t, given), teacher(y, t, unsaid(given))
            velocity = free + GUIDANCE * (told - free)
            y = torch.cos(torch.tensor(stride)) * y - torch.sin(torch.tensor(stride)) * velocity
            t = t - 1 / WINDOWS / SUBSTEPS
    whole = torch.tensor(stride * SUBSTEPS)
    chord = (whole.cos() * x - y) / whole.sin()
    return F.mse_loss(student(x, start, given), chord)
