"""Melody as an objective: how likely the music finds the notes asked."""

import math

import pytest
import torch
from torch import Tensor

from engine.controls import Note
from engine.listening import Listening
from engine.models.toy import ToyModel
from engine.objectives.melody import MelodyObjective, line
from engine.objectives.objective import Objective

from .conftest import HeardWith, Improvement

SCALE = tuple(Note(i * 0.5, (i + 1) * 0.5, 60 + step) for i, step in enumerate((0, 2, 4, 5)))
FRAMES, FRAME_SECONDS = 40, 0.05


def asked(notes: tuple[Note, ...]) -> MelodyObjective:
    wanted = line(notes, frames=FRAMES, frame_seconds=FRAME_SECONDS)
    return MelodyObjective(target=wanted.target, mask=wanted.mask, weight=1.0)


def chroma_of(notes: tuple[Note, ...]) -> Tensor:
    """The energies of music that plays `notes`, its other pitch classes 20 dB softer."""
    return line(notes, frames=FRAMES, frame_seconds=FRAME_SECONDS).target + 0.01


def test_it_is_an_objective() -> None:
    assert isinstance(asked(SCALE), Objective)


def test_all_twelve_alike_cost_ln_12(heard_with: HeardWith) -> None:
    loss = asked(SCALE).loss(heard_with(chroma=torch.full((1, 12, FRAMES), 0.3)))
    assert loss.item() == pytest.approx(math.log(12), rel=1e-5)


def test_the_loss_is_minus_the_logarithm_of_the_note_s_share(heard_with: HeardWith) -> None:
    loss = asked(SCALE).loss(heard_with(chroma=chroma_of(SCALE)))
    assert loss.item() == pytest.approx(-math.log(1.01 / 1.12), rel=1e-4)


@pytest.mark.parametrize("semitones", [1, 5, 7, 11])
def test_a_transposed_melody_costs_more(semitones: int, heard_with: HeardWith) -> None:
    heard = heard_with(chroma=chroma_of(SCALE).roll(semitones, dims=1))
    assert asked(SCALE).loss(heard) > asked(SCALE).loss(heard_with(chroma=chroma_of(SCALE))) + 1


def test_an_octave_changes_nothing() -> None:
    high = tuple(Note(n.start, n.end, n.pitch + 12) for n in SCALE)
    assert torch.equal(asked(high).target, asked(SCALE).target)


def test_shares_of_several_notes_cost_at_least_their_entropy(heard_with: HeardWith) -> None:
    shares = torch.rand(1, 12, FRAMES, generator=torch.Generator().manual_seed(0))
    shares = shares / shares.sum(dim=1, keepdim=True)
    entropy = -(shares * shares.log()).sum(dim=1).mean()
    objective = MelodyObjective(target=shares, mask=torch.ones(1, FRAMES), weight=1.0)
    assert float(objective.loss(heard_with(chroma=shares))) == pytest.approx(
        float(entropy), rel=1e-4
    )
    assert objective.loss(heard_with(chroma=shares.roll(1, dims=1))) > entropy


def test_rests_ask_for_nothing(heard_with: HeardWith) -> None:
    objective = asked((SCALE[0], SCALE[2]))
    made = torch.rand(1, 12, FRAMES, generator=torch.Generator().manual_seed(0)).requires_grad_()
    loss = objective.loss(heard_with(chroma=made))
    (gradient,) = torch.autograd.grad(loss, made)
    assert objective.mask[0].tolist() == [1] * 10 + [0] * 10 + [1] * 10 + [0] * 10
    assert torch.equal(gradient.abs().amax(dim=1) > 0, objective.mask > 0)


def test_silence_has_a_finite_gradient(heard_with: HeardWith) -> None:
    made = torch.zeros(1, 12, FRAMES, requires_grad=True)
    loss = asked(SCALE).loss(heard_with(chroma=made))
    assert loss.item() == pytest.approx(math.log(12), rel=1e-5)
    assert torch.autograd.grad(loss, made)[0].isfinite().all()


def test_of_several_notes_at_once_the_top_line_is_followed_and_said() -> None:
    chord = (Note(0.0, 1.0, 72), Note(0.5, 1.5, 64))
    wanted = line(chord, frames=FRAMES, frame_seconds=FRAME_SECONDS)
    assert wanted.target[0, :, 15].argmax() == 72 % 12
    assert wanted.target[0, :, 25].argmax() == 64 % 12
    assert wanted.note == (
        "The melody has several notes at once, first at 0.50 s. Its top line is followed."
    )
    assert line(SCALE, frames=FRAMES, frame_seconds=FRAME_SECONDS).note == ""


def test_a_window_hears_its_own_part_of_the_notes() -> None:
    whole = line(SCALE, frames=FRAMES, frame_seconds=FRAME_SECONDS)
    later = line(SCALE, frames=FRAMES - 12, frame_seconds=FRAME_SECONDS, start=0.6)
    assert torch.equal(later.target, whole.target[..., 12:])


def test_fifteen_iterations_bring_the_toy_to_its_note(improvement: Improvement) -> None:
    heard = Listening(ToyModel()).hear(torch.zeros(1, 32, 64))
    # Row 41 of the toy's transform sounds at 441 Hz: it has an A.
    wanted = line((Note(0.0, 9.0, 69),), frames=heard.frames, frame_seconds=heard.frame_seconds)
    assert improvement(MelodyObjective(target=wanted.target, mask=wanted.mask, weight=1.0)) < 0.8
