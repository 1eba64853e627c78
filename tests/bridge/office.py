"""Jobs and everything around them, with workers made of paper and a clock set by hand."""

from pathlib import Path
from typing import Any

from bridge.crew import Crew
from bridge.paths import locate
from bridge.pipe import Finished, Started, WorkerState
from bridge.quotas import Limits, Quotas
from bridge.storage import Storage
from bridge.workshop import Workshop
from plugin_protocol.client import new_job_id
from plugin_protocol.messages import JobState, JobSubmit
from plugin_protocol.values import AudioRef, Generate, Result, Span, Take, Task

AUDIO = AudioRef(sha=bytes(32), format="f32le", sample_rate=8000, channels=1, frames=1)
RESULT = Result(
    takes=(Take(seed=0, audio=AUDIO, losses={}, stopped="converged"),), new=(Span(start=0, end=1),)
)


class PaperWorker:
    def __init__(self) -> None:
        self.is_ready, self.is_doubtful, self.state = True, False, "idle"
        self.model = ""
        self.sent: list[Any] = []

    def send(self, message: Any) -> None:
        self.sent.append(message)

    def has(self, model: str) -> bool:
        return model == self.model


class HandClock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Office:
    """A daemon without sockets and processes, on one folder."""

    def __init__(self, home: Path, *, limits: Limits | None = None, workers: int = 1) -> None:
        self.paths = locate({"DITTO_HOME": str(home)})
        self.paths.create()
        self.checkpoints = self.paths.checkpoints
        self.clock = HandClock()
        self.workers = [PaperWorker() for _ in range(workers)]
        self.worker = self.workers[0]
        self.told: list[Any] = []
        self.heard: set[str] | None = None
        """The jobs that somebody listens to; None: all."""
        self.storage = Storage.open(self.paths)
        self.store = self.storage.jobs
        self.workshop = Workshop(
            self.storage,
            self.paths,
            crew=Crew(self.workers),  # type: ignore[arg-type]
            tell=lambda job, message, topic="": self.told.append(message),
            is_heard=lambda job: self.heard is None or job in self.heard,
            quotas=Quotas(limits, clock=self.clock),
            clock=self.clock,
        )
        self.jobs, self.dispatcher = self.workshop.jobs, self.workshop.dispatcher

    def close(self) -> None:
        self.storage.close()

    def submit(self, *, seconds: float = 1.0, client: str = "", **terms: Any) -> str:
        job = terms.pop("job", None) or new_job_id()
        seed, owner = terms.pop("seed", 0), terms.pop("owner", "")
        task = Task(objectives=(Generate(seconds=seconds),), seed=seed)
        self.jobs.submit(JobSubmit(job=job, task=task, **terms), owner=owner, client=client)
        return job

    def started(self, **terms: Any) -> str:
        """Hand a job over and let the worker begin it."""
        job = self.submit(**terms)
        self.dispatcher.dispatch()
        self.workshop.hear(Started(job=job))
        return job

    def finished(self, result: Result = RESULT, **terms: Any) -> str:
        job = self.started(**terms)
        self.workshop.hear(Finished(job=job, result=result))
        return job

    def knows_its_makers(self) -> None:
        """Let the worker say what model and engine it has."""
        makers = WorkerState(state="idle", engine="1", digests={"embedded": "d"})
        self.workshop.hear(makers)

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds
        self.workshop.attend()

    def state(self, job: str) -> str:
        return self.jobs.state(job).state

    def states_told(self, job: str) -> list[JobState]:
        return [each for each in self.told if isinstance(each, JobState) and each.job == job]
