"""One job after the other: read, resume, perform, report, checkpoint, store."""

import errno
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import Empty

import msgspec

from bridge.blobs import BlobStore
from bridge.crash_points import crash_point
from bridge.failures import as_failure
from bridge.pipe import (
    Failed,
    Finished,
    Halted,
    Load,
    MemoryRanOut,
    Started,
    Work,
    WorkerState,
    Yielded,
)
from bridge.version import installed_version
from bridge.worker.channel import Channel
from bridge.worker.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from bridge.worker.job import Job
from bridge.worker.models import Models
from bridge.worker.perform import JobStopped, Perform
from bridge.worker.reports import Progress
from bridge.worker.results import result_from, store_audio
from bridge.worker.tasks import clip_from, request_from
from engine.controls import TextMatch
from engine.device import lost_the_gpu
from engine.errors import DeviceMemoryError
from engine.frugality import LADDER, Frugality, not_enough_memory, ran_out_of_memory
from engine.models.clap import Clap
from engine.models.music_model import MusicModel
from engine.tasks import TaskResult, Update
from plugin_protocol.messages import JobPreview, JobProgress, ModelState
from plugin_protocol.values import Result, Task

log = logging.getLogger(__name__)

PREVIEWS_KEPT = 2
FULL = (errno.ENOSPC, errno.EDQUOT)
FULL_SECONDS, ROOM_SECONDS = 10.0, 1.0
"""How long a full disk is let alone with checkpoints, and with a result."""
NO_ROOM = "The disk is full: the music is made and waits for room to be stored."


def serve(
    channel: Channel,
    *,
    load: Callable[[str], MusicModel],
    load_clap: Callable[[Path], Clap],
    available: Callable[[], tuple[str, ...]],
    perform: Perform,
    fingerprint: str = "",
    digest_of: Callable[[str], str] = lambda _name: "",
    require_room: Callable[[Task], None] = lambda _task: None,
) -> None:
    """Do what the front asks for until it asks to park.

    `digest_of` says what the files of an added model are known by now; `require_room` raises
    EngineError for what would not fit, before the model is loaded.
    `fingerprint` is of the code that makes the music; without one no result answers another job.
    """
    setup = channel.setup
    models = Models(
        load=load,
        digest_of=digest_of,
        require_room=require_room,
        load_clap=load_clap,
        clap_folder=Path(setup.clap),
        tell=lambda report: channel.send(ModelState(model=report)),
    )
    worker = Worker(channel, models, perform=perform)

    def rest() -> None:
        # Before there is a model nobody can say where it will be.
        device = str(models.device) if models.are_loaded else ""
        state = WorkerState(state="idle", device=device, engine=fingerprint, digests=models.digests)
        channel.send(state)

    channel.send(WorkerState(state="loading", models=available()))
    models.warm_up(setup.model)
    rest()
    while True:
        try:
            work = channel.next_work(within=setup.keep_seconds if models.are_loaded else None)
        except Empty:
            models.unload()
            continue
        if work is None:
            return
        if isinstance(work, Load):
            channel.send(WorkerState(state="loading"))
            models.warm_up(work.model)
        else:
            worker.do(work)
        rest()


class Worker:
    """Does jobs with `models`."""

    def __init__(self, channel: Channel, models: Models, *, perform: Perform) -> None:
        setup = channel.setup
        self._channel = channel
        self._models = models
        self._perform = perform
        self._setup = setup
        self._blobs = BlobStore(Path(setup.blobs))
        self._previews = BlobStore(Path(setup.previews))
        self._checkpoints = Path(setup.checkpoints)
        self._shown: deque[bytes] = deque()

    def do(self, work: Work) -> None:
        """Do one job and report how it ended. Whatever goes wrong with it is the job's failure.

        But where the GPU is lost: then this process ends, and the job goes on in the next one.
        """
        try:
            self._do_with_less_and_less(work)
        except Exception as error:
            trace = secrets.token_hex(4)
            log.exception("a job failed", extra={"job": work.job, "trace": trace})
            if lost_the_gpu(error):
                raise
            failure = msgspec.structs.replace(as_failure(error), trace=trace)
            self._channel.send(Failed(job=work.job, failure=failure))

    def _do_with_less_and_less(self, work: Work) -> None:
        """Do the job; where memory runs out, go on from its checkpoint with less of it."""
        needs = ""
        for frugality in LADDER:
            if frugality.told:
                self._channel.send(MemoryRanOut(job=work.job))
            try:
                return self._do(work, frugality)
            except Exception as error:
                if not ran_out_of_memory(error):
                    raise
                log.warning("memory ran out", extra={"job": work.job, "error": str(error)})
                needs = str(error) if isinstance(error, DeviceMemoryError) else ""
            # Not before the error is gone: its traceback holds the tensors.
            self._models.make_room()
        raise DeviceMemoryError(needs) if needs else not_enough_memory(self._models.device)

    def _do(self, work: Work, frugality: Frugality) -> None:
        channel, task = self._channel, work.task
        model = self._models.named(task.model, task=task)
        clip = clip_from(task.clip, self._blobs) if task.clip else None
        request = request_from(task, self._blobs)
        reads = any(isinstance(control, TextMatch) for control in request.controls)
        clap = self._models.clap() if reads else None
        checkpoint = read_checkpoint(self._checkpoints, work.job)
        channel.send(Started(job=work.job))
        if checkpoint:
            channel.send(JobProgress(job=work.job, phase="resuming", note=frugality.told))
        job = Job(
            work,
            sample_format=task.clip.format if task.clip else "f32le",
            sample_rate=clip.sample_rate if clip else model.sample_rate,
            model_digest=getattr(model, "digest", ""),
            seconds_before=checkpoint.seconds if checkpoint else 0.0,
            progress=Progress(work.job),
        )
        updates = self._perform(
            request,
            clip,
            model,
            clap=clap,
            resume=checkpoint.state if checkpoint else None,
            finish=lambda: work.finish or channel.is_finishing(work.job),
            pause=lambda: self._raise_if_stopped(work.job),
            frugality=frugality,
        )
        try:
            for update in updates:
                if self._is_over(job, update):
                    return
        except JobStopped:
            channel.send(Halted(job=work.job))
            return
        raise RuntimeError("the task ended without a result")

    def _raise_if_stopped(self, job: str) -> None:
        if self._channel.is_stopped(job):
            raise JobStopped

    def _is_over(self, job: Job, update: Update) -> bool:
        """Attend to one update; return whether the job has ended with it."""
        channel, work = self._channel, job.work
        if channel.is_stopped(work.job):
            channel.send(Halted(job=work.job))
            return True
        if update.result is not None:
            self._deliver(job, update, update.result)
            return True
        if message := job.progress.message(update):
            channel.send(message)
        is_kept = self._keep_checkpoint(job, update)
        if is_kept and channel.is_yielding(work.job):
            channel.send(Yielded(job=work.job))
            return True
        if work.previews:
            self._show(job, update)
        # Parked only where a checkpoint may be written: nothing that was done is lost.
        return channel.is_parking and update.state is not None

    def _deliver(self, job: Job, update: Update, result: TaskResult) -> None:
        """Store the result and report it, as soon as the disk has room for it."""
        channel, name, seconds = self._channel, job.work.job, job.seconds
        while (stored := self._stored(job, result)) is None:
            # Nobody else's result would be taken either, and this one is made.
            channel.send(
                JobProgress(
                    job=name, phase="decoding", step=update.step, steps=update.steps, note=NO_ROOM
                )
            )
            time.sleep(ROOM_SECONDS)
            if channel.is_parking:
                return
            if channel.is_stopped(name):
                channel.send(Halted(job=name))
                return
        crash_point("before_finished")
        made = msgspec.structs.replace(
            stored,
            model_digest=job.model_digest,
            engine_version=installed_version(),
            compute_seconds=seconds,
        )
        channel.send(Finished(job=name, result=made))

    def _stored(self, job: Job, result: TaskResult) -> Result | None:
        """Return the result, its audio on the disk; None where the disk is full."""
        try:
            return result_from(result, blobs=self._blobs, sample_format=job.sample_format)
        except OSError as error:
            if error.errno not in FULL:
                raise
            log.warning("the disk is full", extra={"job": job.work.job})
            return None

    def _keep_checkpoint(self, job: Job, update: Update) -> bool:
        """Write a checkpoint if one is due or asked for; return whether it was written."""
        channel, now = self._channel, time.monotonic()
        is_asked = channel.is_parking or channel.is_yielding(job.work.job)
        is_due = now - job.checkpoint_at >= self._setup.checkpoint_seconds
        if update.state is None or not (is_due or is_asked) or now < job.full_until:
            return False
        checkpoint = Checkpoint(update.state(), job.seconds)
        try:
            write_checkpoint(self._checkpoints, job.work.job, checkpoint)
        except OSError:
            # Then a crash would cost more time, which is no reason to end a healthy job.
            log.exception("no checkpoint could be written", extra={"job": job.work.job})
            job.full_until = now + FULL_SECONDS
            return False
        done = time.monotonic()
        # On a slow disk later: writing takes a twentieth of the time at the most.
        job.checkpoint_at = done + 19 * (done - now)
        return True

    def _show(self, job: Job, update: Update) -> None:
        """Send the best so far, now and then. Only the newest previews are kept on the disk."""
        now = time.monotonic()
        if update.preview is None or now - job.preview_at < self._setup.preview_seconds:
            return
        try:
            audio = store_audio(
                update.preview(),
                sample_rate=job.sample_rate,
                blobs=self._previews,
                sample_format="f32le",
            )
        except OSError:
            # A full disk is no reason to end a healthy job either.
            log.exception("no preview could be written", extra={"job": job.work.job})
            job.preview_at = now
            return
        if audio.sha not in self._shown:
            self._shown.append(audio.sha)
        while len(self._shown) > PREVIEWS_KEPT:
            self._previews.remove(self._shown.popleft())
        self._channel.send(JobPreview(job=job.work.job, step=update.step, audio=audio))
        job.preview_at = time.monotonic()
