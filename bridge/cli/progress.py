"""What a person sees while the daemon works: one bar on stderr, and each note once."""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from plugin_protocol.messages import JobProgress, JobState

PHASES = {
    "loading": "loading the model",
    "analyzing": "listening to the clip",
    "optimizing": "optimizing",
    "decoding": "turning it into sound",
    "resuming": "going on where it stopped",
}


class Progress:
    """A bar on a terminal; elsewhere one line for every new phase. Use it with `with`.

    `title` is put before everything, where one job of many is shown; then there are no phases.
    """

    def __init__(self, takes: int, title: str = "") -> None:
        self.notes: list[str] = []
        self._takes, self._title = takes, title
        self._phase = ""
        self._console = Console(stderr=True, highlight=False)
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[count]}"),
            TextColumn("{task.fields[loss]}"),
            TextColumn("{task.fields[remaining]}", style="dim"),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID = self._bar.add_task(
            "starting", total=None, count="", loss="", remaining=""
        )

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def note(self, sentence: str) -> None:
        """Show a sentence above the bar, once."""
        if sentence and sentence not in self.notes:
            self.notes.append(sentence)
            self._console.print(self._titled(sentence), markup=False, soft_wrap=True)

    def enter(self, phase: str) -> None:
        """Show what is being done now."""
        if phase == self._phase:
            return
        self._phase = phase
        self._bar.update(self._task, description=self._titled(phase))
        if not self._console.is_terminal and not self._title:
            self._console.print(phase, markup=False)

    def sent(self, sent: int, size: int) -> None:
        """Show how many bytes of a recording the daemon has."""
        self.enter("sending the audio")
        self._bar.update(
            self._task,
            completed=sent,
            total=size,
            count=f"{sent / 2**20:.1f}/{size / 2**20:.1f} MiB",
        )

    def state(self, state: JobState) -> None:
        """Show a job that waits or loads."""
        if state.state in ("queued", "loading"):
            others = "another job" if state.ahead == 1 else f"{state.ahead} other jobs"
            waiting = f"waiting for {others}" if state.ahead else "waiting for the daemon"
            self.enter(PHASES["loading"] if state.state == "loading" else waiting)
            self._bar.update(self._task, total=None, count="", loss="", remaining="")

    def iteration(self, event: JobProgress) -> None:
        """Show where the optimizer is."""
        self.note(event.note)
        take = f" take {event.take + 1}/{self._takes}" if self._takes > 1 else ""
        self.enter(PHASES.get(event.phase, event.phase) + take)
        eta = event.eta_seconds
        self._bar.update(
            self._task,
            completed=event.step,
            total=event.steps or None,
            count=f"iteration {event.step}/{event.steps}" if event.steps else "",
            loss="" if event.loss is None else f"loss {event.loss:.4g}",
            remaining="" if eta is None else f"{eta:.0f} s left",
        )

    def _titled(self, words: str) -> str:
        return f"{self._title}: {words}" if self._title else words
