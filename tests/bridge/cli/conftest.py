"""A pretend daemon behind the command line, a clip on disk, and `ditto` itself as fixtures."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
import soundfile

from bridge.cli import connection
from bridge.cli.app import run
from bridge.splice import from_wire
from bridge.version import installed_version
from plugin_protocol.errors import RequestRefusedError
from plugin_protocol.messages import JobProgress, JobState, JobSummary, Pong, Welcome
from plugin_protocol.values import (
    AudioRef,
    Failure,
    Generate,
    Inpaint,
    Loop,
    MeasuredCurve,
    Music,
    Outpaint,
    Result,
    Span,
    Take,
    Task,
    Vary,
)

RATE = 44_100


@dataclass
class FakeDaemon:
    """What it makes is a quiet constant, another one for each seed."""

    failure: Failure | None = None
    refusal: RequestRefusedError | None = None
    on_follow: Callable[[], None] = lambda: None
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    blobs: dict[bytes, bytes] = field(default_factory=dict)
    task: Task | None = None
    digest: str = "d" * 64
    version: str = field(default_factory=installed_version)

    @property
    def welcome(self) -> Welcome:
        return Welcome(epoch=1, server=f"ditto/{self.version}", minor=0, limits={})

    def called(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.calls.append(("close",))

    def upload(self, data: bytes, *, sha: bytes, on_bytes: Callable[[int], None]) -> bytes:
        assert sha == hashlib.sha256(data).digest()
        self.blobs[sha] = data
        on_bytes(len(data))
        return sha

    def download(self, sha: bytes) -> bytes:
        return self.blobs[sha]

    def submit(self, job: str, task: Task, **options: Any) -> JobState:
        if self.refusal:
            raise self.refusal
        self.task = task
        self.calls.append(("submit", job, task))
        return JobState(job=job, state="queued")

    def follow(self, job: str) -> Iterator[JobState | JobProgress]:
        assert self.task is not None
        yield JobState(job=job, state="queued", ahead=1)
        yield JobProgress(job=job, phase="analyzing", note="120 bpm and A minor, from the clip.")
        yield JobProgress(job=job, phase="optimizing", step=1, steps=2, loss=1.0, eta_seconds=1)
        self.on_follow()
        if self.failure:
            yield JobState(job=job, state="failed", failure=self.failure)
            return
        yield JobState(job=job, state="done", result=self._result(self.task))

    def cancel(self, job: str, mode: str) -> bool:
        self.calls.append(("cancel", job, mode))
        return True

    def ack(self, job: str) -> None:
        self.calls.append(("ack", job))

    def ping(self) -> Pong:
        return Pong(epoch=1, worker="idle")

    def jobs(self) -> tuple[JobSummary, ...]:
        return (JobSummary(job="0", state="done", kind="outpaint", created_ms=0),)

    def stop_daemon(self) -> None:
        self.calls.append(("stop",))

    def _result(self, task: Task) -> Result:
        takes = tuple(self._take(task, task.seed + number) for number in range(task.takes))
        spans, start = self._spans(task)
        ramp = tuple(float(second) for second in range(3))
        return Result(
            takes=takes,
            new=spans,
            clip_start=start,
            music=Music(
                bpm=task.music.bpm or 120 / 1.1,
                beat_offset=0.25 if task.music.beat_offset is None else task.music.beat_offset,
                key=task.music.key or "A minor",
            ),
            curves=(
                MeasuredCurve(name="overlap", unit="dB", seconds=ramp, target=ramp, measured=ramp),
            ),
            model_digest=self.digest,
            engine_version="0.0.1",
            compute_seconds=1.0,
        )

    def _take(self, task: Task, seed: int) -> Take:
        frames = self._spans(task)[0][-1].end
        channels, rate = (task.clip.channels, task.clip.sample_rate) if task.clip else (2, RATE)
        frames = max(frames, task.clip.frames + self._spans(task)[1] if task.clip else 0)
        made = np.full((channels, frames), (1 + seed) / 64, "<f4")
        if task.clip:
            start = self._spans(task)[1]
            clip = from_wire(self.blobs[task.clip.sha], task.clip).T
            made[:, start : start + clip.shape[1]] = clip
            for span in self._spans(task)[0]:
                made[:, span.start : span.end] = (1 + seed) / 64
        sha = hashlib.sha256(made.tobytes()).digest()
        self.blobs[sha] = made.tobytes()
        audio = AudioRef(
            sha=sha, format="f32le", sample_rate=rate, channels=channels, frames=frames
        )
        return Take(
            seed=seed,
            audio=audio,
            losses={"overlap": 0.1},
            first_losses={"overlap": 1.0},
            iterations=2,
            stopped="converged",
            noise=hashlib.sha256(f"noise {seed}".encode()).digest(),
        )

    @staticmethod
    def _spans(task: Task) -> tuple[tuple[Span, ...], int]:
        clip = task.clip.frames if task.clip else 0
        rate = task.clip.sample_rate if task.clip else RATE
        match task.objectives[0]:
            case Generate(seconds=seconds):
                return (Span(start=0, end=round(seconds * rate)),), 0
            case Outpaint(seconds=seconds, side="after"):
                return (Span(start=clip, end=clip + round(seconds * rate)),), 0
            case Outpaint(seconds=seconds):
                return (Span(start=0, end=round(seconds * rate)),), round(seconds * rate)
            case Loop():
                return (Span(start=clip, end=clip + rate),), 0
            case Vary():
                return (Span(start=0, end=clip),), 0
            case Inpaint(regions=regions):
                spans = tuple(
                    Span(start=round(r.start * rate), end=round(r.end * rate)) for r in regions
                )
                return spans, 0
        raise AssertionError


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> FakeDaemon:
    """The daemon that every command of the test talks to."""
    fake = FakeDaemon()
    monkeypatch.setattr(connection, "connect", lambda say: fake)
    monkeypatch.setattr(connection, "connect_running", lambda: fake)
    monkeypatch.setattr(connection, "wait_until_left", lambda: None)
    return fake


@pytest.fixture
def real(shared_daemon: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The daemon that `ditto` finds: a real one, with a fake engine."""
    monkeypatch.setenv("DITTO_HOME", str(shared_daemon.home))
    return shared_daemon


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    """Where a batch is written."""
    return tmp_path / "jobs.jsonl"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two seconds of 16-bit stereo noise."""
    path = tmp_path / "clip.wav"
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, (2 * RATE, 2))
    soundfile.write(path, audio, RATE, subtype="PCM_16")
    return path


@dataclass(frozen=True)
class Outcome:
    """What a command line left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def ditto(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run `ditto` with these words."""

    def call(*words: object) -> Outcome:
        capfd.readouterr()
        status = run([str(word) for word in words])
        return Outcome(status, *capfd.readouterr())

    return call
