"""What is a copy and what is not."""

import torch

from engine.evaluation.embedded.memorization import Memory, copies

TRAINING = torch.randn(30, 8, 16, generator=torch.Generator().manual_seed(0))
NEW = torch.randn(200, 8, 16, generator=torch.Generator().manual_seed(1))
MEMORY = Memory.of(TRAINING)


def test_the_nearest_neighbour_of_a_training_clip_is_itself() -> None:
    assert MEMORY.nearest(TRAINING).abs().max() < 1e-6


def test_a_softer_copy_is_a_copy() -> None:
    mean = TRAINING.mean(0)
    assert MEMORY.nearest(mean + 0.5 * (TRAINING - mean)).abs().max() < 1e-6


def test_strangers_are_far() -> None:
    assert MEMORY.nearest(NEW).min() > 0.5


def test_copies_among_new_clips_are_counted() -> None:
    mixed = torch.cat([TRAINING[:5] + 0.01, NEW[:15]])
    assert copies(MEMORY.nearest(mixed), MEMORY.nearest(NEW)) == 0.25
    assert copies(MEMORY.nearest(NEW), MEMORY.nearest(NEW)) <= 0.01
