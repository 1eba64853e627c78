"""The front's side of a worker: start it, talk to it, notice its death, start it again."""

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bridge.catalogue import Catalogue
from bridge.devices import VARIABLE
from bridge.logs import keep_short
from bridge.memory import resident_mib
from bridge.pipe import (
    FROM_WORKER,
    FromWorker,
    Load,
    Setup,
    ToWorker,
    Work,
    WorkerState,
    read_message,
    write_message,
)
from bridge.settings import Settings
from bridge.watchdog import Watchdog
from plugin_protocol.framing import BadMessageError
from plugin_protocol.messages import ModelState
from plugin_protocol.reports import WorkerReport

log = logging.getLogger(__name__)

LONGEST_REST = 10.0
"""Seconds between two starts of a worker that dies again and again."""


@dataclass(frozen=True)
class Said:
    """The worker of that generation has said something."""

    worker: "WorkerLink"
    generation: int
    message: FromWorker


@dataclass(frozen=True)
class Died:
    """The worker of that generation is no more."""

    worker: "WorkerLink"
    generation: int
    exit_code: int


WorkerEvent = Said | Died


class WorkerLink:
    """One worker process at a time. `report` is called from a reading thread, all else by one.

    It is the `number`th of the crew and sees the `device` alone; "": whatever there is.
    """

    def __init__(
        self,
        settings: Settings,
        report: Callable[[WorkerEvent], None],
        *,
        number: int = 1,
        device: str = "",
    ) -> None:
        self._settings = settings
        self._name = "worker" if number == 1 else f"worker-{number}"
        self._visible = device
        self._report = report
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._generation = 0
        self._start_at = 0.0
        self._deaths_in_a_row = 0
        self.state = "starting"
        """starting, loading, idle or restarting; busy is for the jobs to say."""
        self.catalogue = Catalogue()
        self._device = ""
        self._wanted = ""
        self.watchdog = Watchdog(settings.patience_seconds)

    @property
    def is_ready(self) -> bool:
        """Whether a job may be handed over; it may wait for a model there."""
        return self._process is not None and self.state in ("loading", "idle")

    @property
    def is_alive(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    @property
    def is_doubtful(self) -> bool:
        """Whether it has died and not come to rest since."""
        return self._deaths_in_a_row > 0

    def has(self, model: str) -> bool:
        """Whether the model is in memory there."""
        return self.catalogue.is_loaded(model)

    def start_if_due(self) -> None:
        """Start a worker where there is none and the last one has rested long enough."""
        if self._process is None and time.monotonic() >= self._start_at:
            self._start()

    def kill_if_stuck(self) -> None:
        """End a worker that makes no progress any more; its death is an event as any other."""
        if self.watchdog.look() and self._process is not None:
            log.error(
                "the worker hangs and is killed",
                extra={
                    "worker": self._name,
                    "job": self.watchdog.job,
                    "silent_seconds": round(self.watchdog.silence),
                },
            )
            self.watchdog.forget()
            self._process.kill()

    def send(self, message: ToWorker) -> None:
        """Tell the worker; if it is dying, its death says the rest."""
        if isinstance(message, Work):
            self.watchdog.hear(message)
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                write_message(self._process.stdin, message)

    def accept(self, event: WorkerEvent) -> bool:
        """Take note of an event; False for one of an earlier worker, to be ignored."""
        if event.generation != self._generation:
            return False
        if isinstance(event, Died):
            self._bury()
            return True
        self.watchdog.hear(event.message)
        if isinstance(event.message, WorkerState):
            self.state = event.message.state
            self.catalogue.offer(event.message.models)
            self._note(event.message.device)
            if self.state == "idle":
                self._deaths_in_a_row = 0
        elif isinstance(event.message, ModelState):
            self.catalogue.learn(event.message.model)
        return True

    def load(self, model: str) -> None:
        """Have a model loaded before the next job, here or in the next process."""
        self._wanted = model
        self.send(Load(model=model))

    def report(self) -> WorkerReport:
        """Return how the worker is."""
        dog = self.watchdog
        loaded = [each.name for each in self.catalogue.reports if each.state == "ready"]
        return WorkerReport(
            device=self._device_name,
            state="busy" if dog.job else self.state,
            job=dog.job,
            model=loaded[0] if loaded else "",
            step=dog.step,
            steps=dog.steps,
            step_age=dog.step_age,
            memory_mib=resident_mib(self._process.pid) if self._process else 0,
        )

    def kill(self) -> None:
        """End the worker at once and for good."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._bury()
        self._generation += 1

    def _start(self) -> None:
        self._generation += 1
        # What libraries print; what the worker has to say itself is in its log.
        log_path = self._settings.paths.logs / f"{self._name}.out"
        keep_short(log_path)
        with log_path.open("ab") as log_file:
            try:
                self._process = subprocess.Popen(
                    self._settings.worker_command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log_file,
                    env=self._environment(),
                )
            except OSError:
                log.exception("the worker cannot be started")
                self._report(Died(self, self._generation, exit_code=127))
                return
        self._reader = threading.Thread(
            target=self._read, args=(self._process, self._generation), daemon=True
        )
        self._reader.start()
        self.state = "starting"
        self.send(self._setup())
        if self._wanted:
            self.send(Load(model=self._wanted))
        log.info("worker started", extra={"worker": self._name, "worker_pid": self._process.pid})

    def _environment(self) -> dict[str, str]:
        seen = {VARIABLE: self._visible} if self._visible else {}
        # Spinning OpenMP threads slow a shared machine by an order of magnitude.
        # Whatever a library thinks of: nothing is downloaded.
        return {"OMP_WAIT_POLICY": "PASSIVE", **os.environ, "HF_HUB_OFFLINE": "1", **seen}

    def _note(self, device: str) -> None:
        """Take note of where the worker makes music, which it says only while it has a model."""
        if device and device != self._device:
            self._device = device
            log.info("worker ready", extra={"worker": self._name, "device": self._device_name})

    @property
    def _device_name(self) -> str:
        """The device by a name that no other worker's has: each calls the one it sees cuda:0."""
        is_one_of_many = self._visible and self._device.startswith("cuda")
        return f"cuda:{self._visible}" if is_one_of_many else self._device

    def _setup(self) -> Setup:
        settings = self._settings
        return Setup(
            blobs=str(settings.paths.blobs),
            previews=str(settings.paths.previews),
            checkpoints=str(settings.paths.checkpoints),
            clap=str(settings.paths.clap),
            models=str(settings.paths.models),
            model=settings.model,
            log=str(settings.paths.logs / f"{self._name}.log"),
            checkpoint_seconds=settings.checkpoint_seconds,
            preview_seconds=settings.preview_seconds,
            keep_seconds=settings.keep_seconds,
            device=settings.device,
        )

    def _read(self, process: subprocess.Popen[bytes], generation: int) -> None:
        """Pass on what the worker says; runs in a thread of its own, until the pipe ends."""
        assert process.stdout is not None
        try:
            while (message := read_message(process.stdout, FROM_WORKER)) is not None:
                self._report(Said(self, generation, message))
        except BadMessageError:
            log.exception("the worker sent nonsense")
            process.kill()
        self._report(Died(self, generation, process.wait()))

    def _bury(self) -> None:
        if self._process is not None:
            if self._reader is not None:
                self._reader.join(1.0)  # it is at its end, and must not find stdout closed
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()
            self._process = None
        self._device = ""
        self.watchdog.forget()
        self.catalogue.all_are_gone()
        self._rest()

    def _rest(self) -> None:
        self.state = "restarting"
        self._deaths_in_a_row += 1
        # The exponent is bounded, too: a worker that cannot start dies thousands of times a day.
        rest = 0.125 * 2 ** min(self._deaths_in_a_row, 10) if self._deaths_in_a_row > 1 else 0.0
        self._start_at = time.monotonic() + min(rest, LONGEST_REST)
