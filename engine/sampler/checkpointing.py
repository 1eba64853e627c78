"""Time for memory: what the backward pass stores and what it computes again.

    none    stores every activation of every step        1 forward, memory grows with steps x model
    block   stores the input of every block of a step    2 forwards, grows with steps x blocks
    step    stores the latents between the steps         2 forwards, one step's activations

All three run the same graph in the backward pass: on the CPU their gradients agree bit by bit.

Source: Chen et al. 2016, arXiv:1604.06174; Novack et al. 2024, DITTO,
arXiv:2401.12179, algorithm 1, is "step".
"""

from typing import Literal, Protocol, TypeVar, runtime_checkable

from engine.errors import DeviceMemoryError

Checkpointing = Literal["none", "block", "step"]

Model = TypeVar("Model")

# What may be filled of the memory that is free now; the rest is for temporaries and other programs.
_USABLE_SHARE = 0.8
# Shares of one step's activations, measured on an 8-block transformer of width 128: what the
# inputs of all its blocks take, what one block takes while it is recomputed, what a latent takes.
_BLOCK_INPUTS, _ONE_BLOCK, _ONE_LATENT = 0.07, 0.16, 0.017


@runtime_checkable
class BlockCheckpointed(Protocol):
    """A model that can recompute its own blocks."""

    def with_block_checkpointing(self: Model) -> Model:
        """Return this model, same weights, storing only the inputs of its blocks."""
        ...


def recompute_blocks(model: Model, checkpointing: Checkpointing) -> tuple[Model, Checkpointing]:
    """Return the model to sample with and how: "block" is done by the model, if it can.

    A model that cannot recompute its blocks is sampled with "step", which needs nothing of it.
    """
    if checkpointing != "block":
        return model, checkpointing
    if not isinstance(model, BlockCheckpointed):
        return model, "step"
    return model.with_block_checkpointing(), "block"


def choose_checkpointing(
    *, activation_bytes_per_step: int, steps: int, free_bytes: int, sparing: bool = False
) -> Checkpointing:
    """Return the fastest way whose activations fit into `free_bytes`; `sparing`: the smallest one.

    `activation_bytes_per_step` is what one call of the model keeps for its backward pass
    (`engine.activation_memory.activation_bytes`). Raises DeviceMemoryError if nothing fits.
    """
    usable = _USABLE_SHARE * free_bytes
    needed: dict[Checkpointing, float] = {
        "none": steps * activation_bytes_per_step,
        "block": (_ONE_BLOCK + steps * _BLOCK_INPUTS) * activation_bytes_per_step,
        "step": (1 + steps * _ONE_LATENT) * activation_bytes_per_step,
    }
    if needed["none"] <= usable and not sparing:
        return "none"
    # Both cost one more forward pass, so the smaller one is the better one.
    least: Checkpointing = "block" if needed["block"] < needed["step"] else "step"
    if needed[least] > usable:
        raise DeviceMemoryError(
            f"This job needs about {needed[least] / 2**30:.1f} GiB for its gradient and "
            f"{usable / 2**30:.1f} GiB can be used. Choose a shorter section, fewer steps or a "
            "smaller model, or close other programs."
        )
    return least
