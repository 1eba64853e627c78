"""progress.json: how the job is, in words for the producer and a number for a bar."""

import os
import time

from bridge.cli.progress import PHASES
from bridge.folders.folder import JobFolder
from plugin_protocol.messages import JobProgress, JobState

SECONDS_BETWEEN = 0.1


class FolderReport:
    """Writes what a job's `Listener` hears into the folder, ten times a second at most."""

    def __init__(self, folder: JobFolder, job: str, takes: int) -> None:
        self.notes: list[str] = []
        self._folder, self._job, self._takes = folder, job, takes
        self._state, self._written = "starting", 0.0
        self._show("looking for the daemon", None)

    def note(self, sentence: str) -> None:
        """Show a sentence until there is something newer, and keep it for the end."""
        if sentence and sentence not in self.notes:
            self.notes.append(sentence)
            self._show(sentence, None)

    def sent(self, sent: int, size: int) -> None:
        """Show how much of a recording the daemon has."""
        if self._is_time():
            self._show(f"sending the audio, {100 * sent // size} %", None)

    def state(self, state: JobState) -> None:
        """Show a job that waits or loads."""
        if state.state == "queued":
            self._state = "queued"
            others = "another job" if state.ahead == 1 else f"{state.ahead} other jobs"
            self._show(f"waiting for {others}" if state.ahead else "waiting for the daemon", None)
        elif state.state == "loading":
            self._state = "loading"
            self._show(PHASES["loading"], None)
        elif state.state == "done":
            self._state = "ending"
            self._show("writing the music", 1.0)

    def iteration(self, event: JobProgress) -> None:
        """Show where the search is."""
        is_new = self._state != "running"
        self._state = "running"
        self.note(event.note)
        if not is_new and not self._is_time():
            return
        words = PHASES.get(event.phase, event.phase)
        if event.steps:
            words += f": iteration {event.step} of {event.steps}"
        if self._takes > 1:
            words += f", take {event.take + 1} of {self._takes}"
        if event.eta_seconds is not None:
            words += f", {event.eta_seconds:.0f} s left"
        self._show(words, self._fraction(event))

    def _fraction(self, event: JobProgress) -> float | None:
        if not event.steps:
            return None
        return round((event.take + event.step / event.steps) / self._takes, 4)

    def _is_time(self) -> bool:
        return time.monotonic() - self._written >= SECONDS_BETWEEN

    def _show(self, message: str, fraction: float | None) -> None:
        self._written = time.monotonic()
        members = {
            "job": self._job,
            "state": self._state,
            "message": message,
            "fraction": fraction,
            "pid": os.getpid(),
        }
        self._folder.write("progress.json", members)
