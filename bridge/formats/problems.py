"""All that is wrong with a request, collected, so that a person can mend it in one go."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from bridge.errors import BridgeError


class ProblemsError(BridgeError):
    """Several reasons to refuse a request; `sentences` say where and what to do."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(dict.fromkeys(sentences))
        super().__init__("\n".join(self.sentences))


class Problems:
    """The reasons found so far."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def add(self, *sentences: str) -> None:
        """Take note of reasons."""
        self.sentences.extend(sentences)

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Turn an error of the block into reasons and go on after it."""
        try:
            yield
        except ProblemsError as error:
            self.add(*error.sentences)
        except BridgeError as error:
            self.add(str(error))

    def refuse(self) -> None:
        """Raise ProblemsError if there is any reason."""
        if self.sentences:
            raise ProblemsError(self.sentences)
