"""The words of a command line as numbers, texts and stretches.

Every refusal says what was asked, the limit and an example.
"""

import math
import re
from typing import Any

import click


class Number(click.ParamType[float]):
    """A number within limits; `of` names the unit or thing counted."""

    name = "number"

    def __init__(
        self, of: str, low: float, high: float, *, above: bool = False, whole: bool = False
    ) -> None:
        self.of, self.low, self.high = of, low, high
        self.above, self.whole = above, whole

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number, or fail with a sentence."""
        try:
            number = int(value) if self.whole else float(value)
        except ValueError:
            number = math.nan  # which is outside every range
        if (self.low < number if self.above else self.low <= number) and number <= self.high:
            return number
        kind = "a whole number" if self.whole else "a number"
        span = f"above {self.low:.15g} and up to" if self.above else f"from {self.low:.15g} to"
        raise click.BadParameter(
            f"{_name(param)} takes {kind} of {self.of} {span} {self.high:.16g}; "
            f"you gave '{value}'.",
            ctx,
            param,
        )


class Words(click.ParamType[str]):
    """Text up to a length, and of a pattern where one is given."""

    name = "text"

    def __init__(self, most: int, pattern: str = "", example: str = "") -> None:
        self.most, self.pattern, self.example = most, pattern, example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, or fail with a sentence."""
        text = str(value)
        if len(text) > self.most:
            sentence = f"{_name(param)} takes up to {self.most} characters; you gave {len(text)}."
        elif self.pattern and not re.fullmatch(self.pattern, text):
            sentence = f"{_name(param)} takes a name such as {self.example}; you gave '{text}'."
        else:
            return text
        raise click.BadParameter(sentence, ctx, param)


class Stretch(click.ParamType[tuple[float, float]]):
    """START-END in seconds."""

    name = "start-end"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        """Return (start, end) in seconds, or fail with a sentence."""
        number = r"\s*(\d+\.?\d*|\.\d+)\s*"
        match = re.fullmatch(f"{number}-{number}", str(value))
        if not match:
            raise click.BadParameter(
                f"{_name(param)} takes START-END in seconds, such as 2.5-4; you gave '{value}'.",
                ctx,
                param,
            )
        return float(match[1]), float(match[2])


def _name(param: click.Parameter | None) -> str:
    return param.opts[-1] if param else "this option"


class Weighting(click.ParamType[tuple[str, float]]):
    """NAME=VALUE, where NAME is one of `names`."""

    name = "name=value"

    def __init__(self, names: tuple[str, ...], most: float) -> None:
        self.names, self.most = names, most

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        """Return (name, weight), or fail with a sentence."""
        word, _, number = str(value).partition("=")
        if word.strip() not in self.names:
            raise click.BadParameter(
                f"{_name(param)} takes NAME=VALUE with one of the names {', '.join(self.names)}; "
                f"you gave '{value}'.",
                ctx,
                param,
            )
        weight = Number("weight", 0, self.most, above=True).convert(number, param, ctx)
        return word.strip(), weight
