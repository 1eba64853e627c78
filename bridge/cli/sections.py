"""Options under headings, so that the help of a command with many of them can be read."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

SECTIONS = ("Music", "Controls", "Search", "Output")


class SectionedOption(click.Option):
    """An option that knows under which heading the help lists it."""

    def __init__(self, *words: Any, section: str = "Music", **attributes: Any) -> None:
        super().__init__(*words, **attributes)
        self.section = section


class SectionedCommand(click.Command):
    """A command whose help lists its options by section."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections, then what belongs to none."""
        rows: dict[str, list[tuple[str, str]]] = {name: [] for name in (*SECTIONS, "Options")}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                rows[getattr(parameter, "section", "Options")].append(record)
        for name, records in rows.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records, col_max=26)


def option(*words: str, section: str = "Music", **attributes: Any) -> Callable[[Command], Command]:
    """Return a decorator like click.option, for an option of that section."""
    return click.option(*words, cls=SectionedOption, section=section, **attributes)


def all_of(
    options: tuple[Callable[[Command], Command], ...],
) -> Callable[[Command], Command]:
    """Return one decorator that adds all these options, in this order."""

    def add(command: Command) -> Command:
        for decorator in reversed(options):
            command = decorator(command)
        return command

    return add
