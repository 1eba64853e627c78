"""Running out of memory, rehearsed on a device that has as little of it as a test gives it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch

from engine.activation_memory import LiveBytes
from engine.errors import DeviceMemoryError, InvalidRequestError
from engine.evaluation.untrained_model import UntrainedModel
from engine.frugality import LADDER, LAVISH, Frugality, not_enough_memory, ran_out_of_memory
from engine.models.toy import ToyModel
from engine.requests import Clip, Request
from engine.tasks import TaskState, perform

CLIP = Clip(0.1 * torch.randn(2, 48000, generator=torch.Generator().manual_seed(0)), 48000)
REQUEST = Request("outpaint", seconds=0.5, quality="draft")
HEAVY = UntrainedModel(width=64, blocks=8)


class SmallDevice(LiveBytes):
    """Has `limit` bytes for new tensors, and does what a graphics card does when they are full."""

    def __init__(self, limit: float) -> None:
        super().__init__()
        self.limit = limit

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = super().__torch_dispatch__(func, types, args, kwargs)
        if self.now > self.limit:
            raise torch.OutOfMemoryError(f"{self.now} bytes are in use, {self.limit} there are.")
        return result


def peak(frugality: Frugality, *, limit: float = float("inf")) -> int:
    """Return the bytes that two iterations take at once."""
    with SmallDevice(limit) as device:
        for update in perform(REQUEST, CLIP, HEAVY, frugality=frugality):
            if update.step == 2:
                break
    return device.peak


def audio(model: ToyModel, frugality: Frugality, resume: TaskState | None = None) -> torch.Tensor:
    *_, last = perform(REQUEST, CLIP, model, resume=resume, frugality=frugality)
    assert last.result is not None
    return last.result.takes[0].audio


def test_the_first_step_takes_less() -> None:
    assert peak(LADDER[1]) < 0.8 * peak(LAVISH)


def test_a_job_that_did_not_fit_fits_from_the_next_step_on() -> None:
    limit = 0.8 * peak(LAVISH)
    with pytest.raises(torch.OutOfMemoryError):
        peak(LAVISH, limit=limit)
    peak(LADDER[1], limit=limit)


def test_it_goes_on_from_where_memory_ran_out_with_the_same_music() -> None:
    model = UntrainedModel(width=8, blocks=2)
    state: TaskState | None = None
    for update in perform(REQUEST, CLIP, model):
        if update.state and update.step == 5:
            state = update.state()
            break
    assert torch.equal(audio(model, LADDER[1], state), audio(model, LAVISH))


def test_decoding_in_short_windows_changes_only_the_rounding() -> None:
    whole, short = (audio(ToyModel(), step) for step in (LAVISH, LADDER[2]))
    assert short.allclose(whole, atol=1e-4)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate"),
        DeviceMemoryError("This job needs about 9 GiB."),
    ],
)
def test_what_less_memory_would_prevent(error: Exception) -> None:
    assert ran_out_of_memory(error)


@pytest.mark.parametrize("error", [RuntimeError("CUDA error: an illegal access"), ValueError()])
def test_what_it_would_not(error: Exception) -> None:
    assert not ran_out_of_memory(error)


def test_main_memory_that_cannot_be_had_is_told_apart() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60)
    assert ran_out_of_memory(caught.value)
    assert not ran_out_of_memory(InvalidRequestError("no"))


def test_the_end_of_the_ladder_says_how_much_there_is() -> None:
    message = str(not_enough_memory(torch.device("cpu")))
    assert " GiB are free. Choose a shorter stretch" in message
