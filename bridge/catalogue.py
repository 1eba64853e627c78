"""The models that a worker can load, and how each of them is."""

from collections.abc import Iterable

from msgspec.structs import replace

from bridge.refusals import Refusal
from plugin_protocol.reports import ModelReport


class Catalogue:
    """Reports by name, as the worker has told them."""

    def __init__(self) -> None:
        self._reports: dict[str, ModelReport] = {}

    @property
    def reports(self) -> tuple[ModelReport, ...]:
        """All models."""
        return tuple(self._reports.values())

    def offer(self, names: Iterable[str]) -> None:
        """These can be loaded."""
        for name in names:
            self._reports.setdefault(name, ModelReport(name=name, state="unloaded"))

    def learn(self, report: ModelReport) -> None:
        """This is how a model is now."""
        self._reports[report.name] = report

    def all_are_gone(self) -> None:
        """The worker is dead, and what it had loaded with it."""
        for name, report in self._reports.items():
            self._reports[name] = replace(report, state="unloaded", message="")

    def is_loaded(self, name: str) -> bool:
        """Whether the model of that name is in memory."""
        return name in self._reports and self._reports[name].state == "ready"

    def named(self, name: str) -> ModelReport:
        """Return how that model is. Raises Refusal."""
        if name not in self._reports:
            known = ", ".join(self._reports) or "none so far: the worker is starting"
            raise Refusal("UNKNOWN_MODEL", f"There is no model {name}; there are: {known}.")
        return self._reports[name]
