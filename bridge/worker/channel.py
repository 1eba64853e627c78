"""The worker's end of the pipe: a thread that listens while the other one makes music."""

import os
import sys
import threading
from queue import SimpleQueue
from typing import IO

from bridge.pipe import (
    TO_WORKER,
    FromWorker,
    Halt,
    Load,
    Park,
    Setup,
    Work,
    Yield,
    read_message,
    require_sendable,
    write_message,
)


class Channel:
    """Messages from and to the front.

    `next_work`, `send` and the questions belong to the working thread; listening happens in a
    thread of its own, so that a job learns of its end while it runs.
    """

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._work: SimpleQueue[Work | Load | None] = SimpleQueue()
        # By job id: a halt that comes late must not end the next job.
        self._halts: dict[str, str] = {}
        self._yields: set[str] = set()
        self._is_parking = threading.Event()
        setup = read_message(incoming, TO_WORKER)
        if not isinstance(setup, Setup):
            raise SystemExit("The worker is started by the daemon, not by hand.")
        self.setup = setup
        threading.Thread(target=self._listen, daemon=True).start()

    @classmethod
    def over_standard_streams(cls) -> "Channel":
        """Take over stdin and stdout, so that a stray print goes to the log instead."""
        incoming, outgoing = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        sys.stdout.flush()
        os.dup2(2, 1)
        return cls(os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb"))

    @property
    def is_parking(self) -> bool:
        """Whether the daemon is about to exit and wants a checkpoint."""
        return self._is_parking.is_set()

    def is_stopped(self, job: str) -> bool:
        """Whether the job's user wants no result any more."""
        return self._halts.get(job) == "stop"

    def is_finishing(self, job: str) -> bool:
        """Whether the job's user wants the best so far."""
        return self._halts.get(job) == "finish"

    def is_yielding(self, job: str) -> bool:
        """Whether the job is to be given up for another."""
        return job in self._yields

    def next_work(self, *, within: float | None = None) -> Work | Load | None:
        """Wait for something to do; None when the daemon is about to exit.

        Raises queue.Empty if nothing has come `within` so many seconds.
        """
        return None if self.is_parking else self._work.get(timeout=within)

    def send(self, message: FromWorker) -> None:
        """Tell the front. Raises BadMessageError for what the front would not accept."""
        require_sendable(message)
        write_message(self._outgoing, message)

    def _listen(self) -> None:
        while (message := read_message(self._incoming, TO_WORKER)) is not None:
            match message:
                case Work():
                    # The last job is over for the front, and what was said of it is of no use. If
                    # it is the same one that comes back, it need not give way any more.
                    self._halts.clear()
                    self._yields.clear()
                    self._work.put(message)
                case Load():
                    self._work.put(message)
                case Yield(job=job):
                    self._yields.add(job)
                case Halt(job=job, mode=mode):
                    self._halts[job] = mode
                case Park():
                    self._is_parking.set()
                    self._work.put(None)
        # The front is gone. Another may already be at work on our jobs.
        os._exit(1)
