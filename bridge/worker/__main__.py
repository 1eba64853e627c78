"""`python -m bridge.worker`: started by the front, which holds the other end of its pipes."""

import ctypes
import resource
import signal
import sys
from pathlib import Path

from bridge.logs import log_to
from bridge.pipe import WorkerState
from bridge.worker.channel import Channel

PR_SET_PDEATHSIG = 1


def open_channel() -> Channel:
    """Become a worker: bound to the life of the front, deaf to Ctrl-C."""
    _die_with_the_front()
    _lift_memory_limit()
    # Ctrl-C in a terminal reaches every process there; the front decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = Channel.over_standard_streams()
    log_to(Path(channel.setup.log))
    channel.send(WorkerState(state="loading"))
    return channel


def main() -> None:
    """Serve with the real engine."""
    channel = open_channel()
    # Imported late: torch takes seconds, and jobs may already be sent.
    import torch

    from bridge.worker.fingerprint import fingerprint
    from bridge.worker.installed import Installed
    from bridge.worker.serve import serve
    from engine.device import named_device
    from engine.models import available
    from engine.models.clap import load_clap
    from engine.tasks import perform

    # On a GPU torch convolves in ten bits unless told otherwise: tenths of a decibel off.
    torch.backends.cudnn.allow_tf32 = False

    def device() -> torch.device:
        # Asked with each model: where there is no such device, the job says so.
        return named_device(channel.setup.device)

    installed = Installed(Path(channel.setup.models), device)
    serve(
        channel,
        load=installed.load,
        digest_of=installed.digest,
        require_room=installed.require_room,
        load_clap=lambda folder: load_clap(folder, device=device()),
        available=available,
        perform=perform,
        fingerprint=fingerprint(),
    )


def _die_with_the_front() -> None:
    """Ask Linux to end this process with its parent; elsewhere the end of stdin does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _lift_memory_limit() -> None:
    """Undo the front's, which is not for the process that holds the models."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


if __name__ == "__main__":
    main()
