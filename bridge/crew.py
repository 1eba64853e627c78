"""All workers, one for each device: who of them can take a job, and how they are together."""

from collections.abc import Callable, Collection, Iterable

from bridge.catalogue import Catalogue
from bridge.models.shelf import Shelf
from bridge.pipe import Park
from bridge.settings import Settings
from bridge.worker_link import WorkerEvent, WorkerLink
from plugin_protocol.reports import ModelReport, WorkerReport

STATES = ("idle", "loading", "starting", "restarting")
MODEL_STATES = ("ready", "loading", "failed", "unloaded")
"""The best first, here and above: what one of them can do, the crew can."""


class Crew:
    """The workers, the first of the devices first. One thread."""

    def __init__(
        self, workers: Iterable[WorkerLink], *, added: Callable[[], Iterable[str]] = tuple
    ) -> None:
        self.workers = tuple(workers)
        self._added = added
        """The models that the user has added, by now."""

    @classmethod
    def of(cls, settings: Settings, report: Callable[[WorkerEvent], None]) -> "Crew":
        """Return the crew that the settings ask for; `report` hears them from other threads."""
        devices = enumerate(settings.workers, start=1)
        workers = (WorkerLink(settings, report, number=n, device=device) for n, device in devices)
        return cls(workers, added=Shelf(settings.paths.models).names)

    def attend(self) -> None:
        """Start who is not there and kill who hangs, each by itself."""
        for worker in self.workers:
            worker.start_if_due()
            worker.kill_if_stuck()

    def free(self, busy: Collection[WorkerLink]) -> list[WorkerLink]:
        """Return who can take a job now, apart from the busy ones.

        Who has died and not come to rest since gets none while there is anybody else: one broken
        device must not wear out the jobs that others could do.
        """
        trusted = [worker for worker in self.workers if not worker.is_doubtful]
        chosen = trusted or self.workers
        return [worker for worker in chosen if worker.is_ready and worker not in busy]

    @property
    def is_ready(self) -> bool:
        """Whether there is anybody who could take a job, now or after the one at work."""
        return any(worker.is_ready for worker in self.workers)

    @property
    def is_alive(self) -> bool:
        """Whether there is any process."""
        return any(worker.is_alive for worker in self.workers)

    @property
    def state(self) -> str:
        """The best that one of them is, but for busy, which is for the jobs to say."""
        return min((worker.state for worker in self.workers), key=STATES.index)

    @property
    def catalogue(self) -> Catalogue:
        """Each model as it is where it is best."""
        together = Catalogue()
        reports = [report for worker in self.workers for report in worker.catalogue.reports]
        for report in sorted(reports, key=lambda each: -MODEL_STATES.index(each.state)):
            together.learn(report)
        together.offer(self._added())
        return together

    def load(self, model: str) -> ModelReport:
        """Have a model loaded in all of them before their next jobs. Raises Refusal."""
        report = self.catalogue.named(model)
        for worker in self.workers:
            worker.load(model)
        return report

    @property
    def iteration_seconds(self) -> float:
        """What an iteration takes, of the slowest job at work; 0 where nothing is known."""
        return max(worker.watchdog.usual for worker in self.workers)

    def reports(self) -> tuple[WorkerReport, ...]:
        """Return how each of them is."""
        return tuple(worker.report() for worker in self.workers)

    def part(self, busy: Collection[WorkerLink]) -> None:
        """Let the busy ones write their checkpoints and leave, and end the others at once."""
        for worker in self.workers:
            if worker in busy:
                worker.send(Park())
            else:
                worker.kill()

    def kill(self) -> None:
        """End all at once and for good."""
        for worker in self.workers:
            worker.kill()
