"""What runs beside Audacity: it carries out requests, and puts music in place when it is there."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

from . import actions, placing, settings
from .audacity_pipe import FROM, AudacityError, conversation, greet
from .job_folder import Job, JobError, known_jobs, last_job
from .project import Project

HERE = Path(__file__).resolve().parent
# What the entries of the Tools menu write, and what they show.
REQUEST = HERE / "request.txt"
STATUS = HERE / "status.txt"


class Companion:
    """Carries out what is asked, one thing after the other, while any number of jobs run."""

    def __init__(self) -> None:
        self.jobs: dict[Path, tuple[Job, str]] = {}

    def ask(self, words: list[str]) -> None:
        """Do what was asked and say what came of it; a job goes on by itself."""
        try:
            self._do(words[0], words[1:])
        except (AudacityError, JobError, ValueError) as error:
            say(str(error))

    def look(self) -> None:
        """See how the jobs are getting on, and put into the project what is done."""
        for folder, (job, said) in list(self.jobs.items()):
            if job.is_over:
                del self.jobs[folder]
                _in_project(job)
            elif job.message() != said:
                say(job.message())
                self.jobs[folder] = (job, job.message())

    def _do(self, word: str, more: list[str]) -> None:
        if word in actions.ACTIONS:
            with conversation() as audacity:
                self._follow(actions.ACTIONS[word](Project(audacity), settings.load()))
        elif word == "another":
            self._another()
        elif word in ("cancel", "finish"):
            _ask_running(word)
        elif word == "collect":
            self._collect()
        elif word == "settings":
            now = asdict(settings.change(more))
            say(", ".join(f"{name}={value}" for name, value in now.items()))
        else:
            raise AudacityError(f"DITTO does not know '{word}'.")

    def _another(self) -> None:
        job = last_job()
        if placing.has_another(job):
            _in_project(job)
        else:
            self._follow(actions.another(job))

    def _collect(self) -> None:
        states = known_jobs()
        for state, job in states:
            if state == "done":
                _in_project(job)
            elif state == "open":
                job.go_on()
                self._follow(job)
        if not any(state in ("done", "open") for state, _ in states):
            say("There is nothing to collect.")

    def _follow(self, job: Job) -> None:
        self.jobs[job.folder] = (job, "")


def say(message: str) -> None:
    """Tell the producer: here, and while somebody listens in Audacity, too (DITTO Status)."""
    print(message, flush=True)
    if STATUS.exists():
        _show(message)


def listen() -> None:
    """Carry out what is chosen in Audacity's Tools menu, until Ctrl+C."""
    companion, known = Companion(), None
    REQUEST.unlink(missing_ok=True)
    _show("DITTO listens.")
    say("DITTO listens. In Audacity, select some audio and choose Tools > DITTO.")
    try:
        while True:
            if (door := _changed_at(FROM)) != known:
                known = door
                _meet()
            if words := _requested():
                companion.ask(words)
            companion.look()
            time.sleep(0.1)
    finally:
        STATUS.unlink()


def once(words: list[str]) -> None:
    """Do one thing, and wait until its job is over; Ctrl+C cancels it."""
    companion = Companion()
    companion.ask(words)
    while companion.jobs:
        try:
            companion.look()
            time.sleep(0.1)
        except KeyboardInterrupt:
            for job, _ in companion.jobs.values():
                job.ask("cancel")


def _show(message: str) -> None:
    fresh = STATUS.with_suffix(".new")
    line = " ".join(message.split())
    fresh.write_text(f"{time.strftime('%H:%M')}  {line}\n", encoding="utf-8")
    fresh.replace(STATUS)


def _in_project(job: Job) -> None:
    try:
        with conversation() as audacity:
            say(placing.put(Project(audacity), job))
    except AudacityError as error:
        say(f"{error} The music is kept: choose Tools > DITTO Collect.")
    except JobError as error:
        say(str(error))


def _ask_running(word: str) -> None:
    running = [job for state, job in known_jobs() if state in ("running", "open")]
    for job in running:
        job.ask(word)
    if not running:
        say("No job is running.")


def _meet() -> None:
    try:
        greet()
        waiting = [job for state, job in known_jobs() if state in ("done", "open")]
    except (AudacityError, JobError):
        return
    if waiting:
        say(f"{len(waiting)} earlier results are waiting: choose Tools > DITTO Collect.")


def _changed_at(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _requested() -> list[str]:
    """Return the words of a request once it is written whole, and take it away."""
    try:
        text = REQUEST.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    if not text.endswith("\n"):
        return []
    REQUEST.unlink()
    return text.splitlines()
