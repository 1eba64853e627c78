"""One folder from job.json to done.json or failed.json."""

import time
from pathlib import Path
from typing import Any

from bridge.cli.failures import RefusedError, StoppedError, sentence_of
from bridge.cli.job import JobCancelledError, JobFailedError, JobPutAsideError, run
from bridge.cli.order import Order, Outcome, enclosing, keeping, say_what_is_odd
from bridge.errors import BridgeError, DaemonStartError, UnresponsiveDaemonError
from bridge.folders.folder import JobFolder
from bridge.folders.report import FolderReport
from bridge.folders.request import read_order
from bridge.folders.wishes import passed_on
from plugin_protocol.errors import ClientError, DaemonLostError, DaemonUnreachableError

_UNREACHABLE = (
    DaemonStartError,
    UnresponsiveDaemonError,
    DaemonUnreachableError,
    DaemonLostError,
)


def work(folder: JobFolder) -> None:
    """Have the folder's music made and written. Raises what `ditto` turns into a sentence.

    Returns at once where it is done, or where another process is at it.
    """
    with folder.taken_care_of() as is_ours:
        if not is_ours or (folder.state in ("done", "taken") and folder.result.exists()):
            return
        folder.begin_anew()
        job = folder.job()
        try:
            folder.end("done.json", _made(folder, job))
        except BaseException as error:
            code, message = _ending(error)
            folder.end("failed.json", {"job": job, "code": code, "message": message})
            if isinstance(error, KeyboardInterrupt | StoppedError | BridgeError | ClientError):
                raise
            raise RefusedError(message) from error  # the log has it already


def _made(folder: JobFolder, job: str) -> dict[str, Any]:
    started = time.monotonic()
    order = read_order(folder)
    if folder.wish() == "stop":
        raise JobCancelledError("Cancelled; nothing was changed.")
    report = FolderReport(folder, job, order.request.spec.takes)
    say_what_is_odd(order, report)
    with passed_on(folder, job):
        outcome = run(
            order.request.task(),
            order.request.inputs.everything(),
            report,
            keep=keeping(order, report, started),
            job=job,
        )
    return _done(order, outcome)


def _done(order: Order, outcome: Outcome) -> dict[str, Any]:
    made, recordings, _ = outcome
    result, rate = made.result, recordings[0].sample_rate
    first, last = (sample - result.clip_start for sample in enclosing(order.new_in(result)))
    new = sum(span.end - span.start for span in order.new_in(result)) / rate
    seeds = ", ".join(str(take.seed) for take in result.takes)
    return {
        "job": made.job,
        "message": f"{new:.3f} s of new music, seed{'s' if len(recordings) > 1 else ''} {seeds}",
        "start": first if order.only_new else -result.clip_start,
        "samples": len(recordings[0].samples),
        "sample_rate": rate,
        "new_start": first,
        "new_end": last,
        "takes": [
            {"file": path.name, "seed": take.seed}
            for path, take in zip(order.outputs, result.takes, strict=False)
        ],
        "bpm": result.music.bpm,
        "beat_offset": result.music.beat_offset,
        "key": result.music.key,
        "manifest": _name(order.manifest),
    }


def _name(path: Path | None) -> str:
    return path.name if path else ""


def _ending(error: BaseException) -> tuple[str, str]:
    """Return the code and the sentence of failed.json."""
    match error:
        case JobCancelledError() | StoppedError() | KeyboardInterrupt():
            return "CANCELLED", "Cancelled; nothing was changed."
        case JobFailedError():
            return "FAILED", sentence_of(error)
        case JobPutAsideError():
            return "STOPPED", sentence_of(error)
        case _ if isinstance(error, _UNREACHABLE):
            return "UNREACHABLE", sentence_of(error)
        case BridgeError() | ClientError():
            return "REFUSED", sentence_of(error)
        case _:
            return "FAILED", sentence_of(error)
