"""The student: four steps, two or one with guidance in the weights, taught by the base model.

A flow map: told where on the path it is and which share of it to cover, it predicts the one
velocity that leads there in one step. A quarter it learns from the teacher, which takes three
guided DDIM sub-steps; a half from two quarters of its own, and the whole from two halves. Any
v-prediction sampler of 4, 2 or 1 steps then runs it, without guidance.

Source: quarters after PeRFlow (Yan et al. 2024) and guided distillation (Meng et al. 2023), the
longer strides after shortcut models (Frans et al. 2024).
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.denoiser import Denoiser
from engine.models.saved_network import CONFIG
from engine.training.draws import integers, normal
from engine.training.examples import Given, unsaid
from engine.training.warm_start import warm_start

QUARTER = 0.25
STRIDES = (QUARTER, QUARTER, 0.5, 1.0)
"""One of these in each step of training: the longer ones rest on the quarters."""
SUBSTEPS = 3
GUIDANCE = 2.3
"""Of the teacher. From 2 to 3 its key gets clearer (in-key energy 0.641, 0.647) and its music less
like music (Frechet distance 3.8, 8.7); measured on the base of the second stretch."""


def student_of(base: Path) -> Denoiser:
    """Return the network saved in `base`, ready to be told strides: at first it ignores them."""
    config = json.loads((base / CONFIG).read_text())
    student = Denoiser(**{**config, "stride": True})
    warm_start(student, base)
    return student


def flow_map_loss(
    student: Denoiser,
    average: Denoiser,
    teacher: Denoiser,
    latents: Tensor,
    given: Given,
    draw: torch.Generator,
) -> Tensor:
    """Return the squared error of the student's velocity over one random stride of the path.

    `average` are the student's averaged weights: steadier to learn from than itself.
    """
    stride = STRIDES[int(integers(draw, len(STRIDES)))]
    start = 1 - stride * integers(draw, round(1 / stride), len(latents))
    noise = normal(draw, *latents.shape)
    angle = (start * torch.pi / 2)[:, None, None]
    x = angle.cos() * latents + angle.sin() * noise
    with torch.no_grad():
        if stride == QUARTER:
            y = guided_steps(teacher, x, start, given)
        else:
            y = two_strides(average, x, start, given, stride / 2)
    told = {**given, "stride": torch.full_like(start, stride)}
    return F.mse_loss(student(x, start, told).float(), velocity_between(x, y, stride))


def guided_steps(teacher: Denoiser, x: Tensor, start: Tensor, given: Given) -> Tensor:
    """Return where the guided teacher gets from `x` in a quarter of the path, in three steps."""
    for i in range(SUBSTEPS):
        t = start - i * QUARTER / SUBSTEPS
        told, free = teacher(x, t, given).float(), teacher(x, t, unsaid(given)).float()
        x = move(x, free + GUIDANCE * (told - free), QUARTER / SUBSTEPS)
    return x


def two_strides(student: Denoiser, x: Tensor, start: Tensor, given: Given, stride: float) -> Tensor:
    """Return where the student gets from `x` in two strides."""
    told = {**given, "stride": torch.full_like(start, stride)}
    for i in range(2):
        x = move(x, student(x, start - i * stride, told).float(), stride)
    return x


def move(x: Tensor, velocity: Tensor, share: float) -> Tensor:
    """Return `x` moved by a velocity over a share of the cosine path, towards the music."""
    angle = share * math.pi / 2
    return math.cos(angle) * x - math.sin(angle) * velocity


def velocity_between(x: Tensor, y: Tensor, share: float) -> Tensor:
    """Return the velocity that moves `x` to `y` in one step: `move` solved for it."""
    angle = share * math.pi / 2
    return (math.cos(angle) * x - y) / math.sin(angle)
