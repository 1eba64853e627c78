"""Musical forms in words: "A:2 B:2 A:2", each section with its length in seconds or bars."""

from bridge.formats.lengths import Unit, length_of
from bridge.formats.problems import Problems
from plugin_protocol.controls import Section

EXAMPLE = "Write LABEL:LENGTH, such as A:2 B:2 A:2, or A:1bar B:2bars."
ANYTHING = "-"
"""The label of a section that asks for nothing."""


def form_of(text: str, where: str) -> tuple[tuple[Section, ...], Unit]:
    """Return the sections and the unit that all their lengths share."""
    problems = Problems()
    sections: list[Section] = []
    units: set[Unit] = set()
    for word in text.replace(",", " ").split():
        label, colon, length = word.rpartition(":")
        if not colon or not label:
            problems.add(f"{where}: '{word}' has no label or no length. {EXAMPLE}")
            continue
        with problems.collected():
            number, unit = length_of(length, f"{where}: '{word}'")
            units.add(unit)
            sections.append(Section(label="" if label == ANYTHING else label, length=number))
    if not sections and not problems.sentences:
        problems.add(f"{where} is empty. {EXAMPLE}")
    if len(units) > 1:
        problems.add(f"{where} has both seconds and bars. Write all lengths in one of them.")
    problems.refuse()
    return tuple(sections), units.pop()
