"""The words of a request, key by key.

A value reaches to the next key, so that patches need not tie a text's words together.
"""

from collections.abc import Collection, Sequence

from bridge.cli.failures import RefusedError

REPEATABLE = ("region", "weight")


def by_key(words: Sequence[str], keys: Collection[str]) -> list[tuple[str, list[str]]]:
    """Return each key with the words of its value. Raises RefusedError."""
    found: list[tuple[str, list[str]]] = []
    for word in words:
        if word in keys:
            found.append((word, []))
        elif found:
            found[-1][1].append(word)
        else:
            raise RefusedError(f"'{word}' is no key here. There are: {', '.join(keys)}.")
    for key, value in found:
        if not value:
            raise RefusedError(
                f"'{key}' has no value. A text that holds the name of a key must be one symbol."
            )
        if key not in REPEATABLE and sum(key == other for other, _ in found) > 1:
            raise RefusedError(f"'{key}' stands there twice. Say it once.")
    return found


def regions(value: Sequence[str]) -> list[str]:
    """Return START END START END ... as START-END each. Raises RefusedError."""
    if len(value) == 1:
        return [value[0]]  # START-END in one word, as on the command line
    if len(value) % 2:
        raise RefusedError("'region' takes pairs of START END in seconds, such as 2 3.5.")
    return [f"{start}-{end}" for start, end in zip(value[::2], value[1::2], strict=True)]


def tune(value: Sequence[str]) -> str:
    """Return C4 1 E4 0.5 as "C4 1, E4 0.5": commas end a message in some hosts."""
    text = " ".join(value)
    if "," in text or ";" in text or len(value) < 2 or len(value) % 2:
        return text
    return ", ".join(" ".join(pair) for pair in zip(value[::2], value[1::2], strict=True))
