"""Begin from weights that exist: what they know by name is kept, the rest starts as a fresh model.

Rows of tags and words are found by their names, so the lists may have grown, shrunk or moved.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from engine.models.denoiser import Denoiser


@torch.no_grad()
def warm_start(model: Denoiser, folder: Path) -> None:
    """Put the weights in `folder` (a saved Denoiser) into `model`, in place.

    Raises ValueError where width or depth differ.
    """
    old = Denoiser.from_pretrained(folder).float()
    theirs, ours = old.state_dict(), model.state_dict()
    moved = _moved_rows(old, model)
    for name, tensor in ours.items():
        if name not in theirs:
            continue
        if name in moved:
            new, known = moved[name]
            tensor[new] = theirs[name][known]
        elif name == "instruments.weight":
            new, known = _common(model.understands.instruments, old.understands.instruments)
            tensor[:, new] = theirs[name][:, known]
        elif tensor.shape == theirs[name].shape:
            tensor.copy_(theirs[name])
        else:
            raise ValueError(
                f"{folder} has {name} of shape {tuple(theirs[name].shape)}, the new model "
                f"{tuple(tensor.shape)}. Begin from weights of the same width and depth."
            )


def _moved_rows(old: Denoiser, model: Denoiser) -> dict[str, tuple[Tensor, Tensor]]:
    """Return, for each embedding by name: the rows to fill and where the old ones are."""
    classes = zip(model.understands.classes.items(), old.understands.classes.values(), strict=True)
    rows = {}
    for (kind, ours), theirs in classes:
        new, known = _common(ours, theirs)
        # The row after the last: not said.
        rows[f"tags.{kind}.weight"] = (_append(new, len(ours)), _append(known, len(theirs)))
    new, known = _common(model.understands.words, old.understands.words)
    # Words count from 1; row 0 is no word.
    rows["words.weight"] = (_append(new + 1, 0), _append(known + 1, 0))
    return rows


def _append(rows: Tensor, row: int) -> Tensor:
    return torch.cat([rows, torch.tensor([row])])


def _common(ours: Sequence[str], theirs: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Return the places of the names that both lists have, in ours and in theirs."""
    place = {name: i for i, name in enumerate(theirs)}
    pairs = [(i, place[name]) for i, name in enumerate(ours) if name in place]
    new, known = zip(*pairs, strict=True) if pairs else ((), ())
    return torch.tensor(new, dtype=torch.long), torch.tensor(known, dtype=torch.long)
