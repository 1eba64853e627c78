"""What one model understands: the tags and words that it was trained with, by name.

`tags` is what a prompt is read for and grows; a model knows the names its weights came with. The
others count as unsaid, exactly as tags were dropped in training.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from engine.models.tags import DYNAMICS, INSTRUMENTS, MODES, NOTES, STYLES, Tags, words

CLASSES = ("style", "root", "mode", "dynamics")
"""The kinds of tags that have one value each."""
MAX_WORDS = 16
UNSAID = -1
"""The index of what was not said, in any list: counted from the end, as the network reads it."""


@dataclass(frozen=True)
class Vocabulary:
    """Names in the order of the weights' rows. By default all that a prompt is read for."""

    styles: Sequence[str] = STYLES
    modes: Sequence[str] = MODES
    dynamics: Sequence[str] = DYNAMICS
    instruments: Sequence[str] = INSTRUMENTS
    words: Sequence[str] = ()

    @property
    def classes(self) -> dict[str, Sequence[str]]:
        """Return the values of each kind in CLASSES."""
        lists = (self.styles, NOTES, self.modes, self.dynamics)
        return dict(zip(CLASSES, lists, strict=True))

    def known(self, tags: Tags) -> Tags:
        """Return `tags` without those the model does not know."""
        told = {
            kind: value if (value := getattr(tags, kind)) in names else None
            for kind, names in self.classes.items()
        }
        instruments = tuple(name for name in tags.instruments if name in self.instruments)
        return replace(tags, **told, instruments=instruments)

    def tag_tensors(self, tags: Tags) -> dict[str, Tensor]:
        """Return an index (1,) for each class, UNSAID where unknown, and instruments (1, n)."""
        told = self.known(tags)
        tensors = {
            kind: torch.tensor([UNSAID if value is None else list(names).index(value)])
            for kind, names in self.classes.items()
            for value in [getattr(told, kind)]
        }
        chosen = [float(name in told.instruments) for name in self.instruments]
        return {**tensors, "instruments": torch.tensor([chosen])}

    def word_ids(self, text: str) -> list[int]:
        """Return MAX_WORDS indices of the known words, from 1 on; the rest is 0."""
        index = self._word_index
        ids = [index[word] for word in words(text) if word in index][:MAX_WORDS]
        return ids + [0] * (MAX_WORDS - len(ids))

    @cached_property
    def _word_index(self) -> dict[str, int]:
        return {word: i + 1 for i, word in enumerate(self.words)}
