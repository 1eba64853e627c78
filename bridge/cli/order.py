"""One order from clip to files: read, refuse, have it made, put it into the clip, write, tell."""

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from bridge.audio_files import Format, Recording, choose_format, read, replacing, write
from bridge.cli.checks import refuse_objective, refuse_paths
from bridge.cli.failures import StoppedError
from bridge.cli.job import Made, run
from bridge.cli.manifest import manifest
from bridge.cli.options import Common
from bridge.cli.progress import Progress
from bridge.splice import from_wire, splice, to_wire, wholly_new
from plugin_protocol.values import AudioRef, Music, Objective, Result, Take, Task

GENERATED = "PCM_24"
GENERATED_RATE = 44_100
"""How music without a clip is stored."""


@dataclass(frozen=True)
class Order:
    """What is to be made of what, and where it goes; complete and checked."""

    clip_path: Path | None
    clip: Recording | None
    outputs: list[Path]
    plots: list[Path]
    form: Format


def carry_out(clip_path: Path | None, objective: Objective, common: Common) -> None:
    """Do all of it and print where the music is; with `as_json` print the manifest instead."""
    started = time.monotonic()
    order = _checked(clip_path, objective, common)
    data, clip_ref = to_wire(order.clip) if order.clip else (b"", None)
    task = _task(objective, clip_ref, common)
    with Progress(common.takes) as progress:
        _say_what_is_odd(order, progress)
        made, recordings = run(task, data, progress, keep=lambda made: (made, _keep(order, made)))
        if order.plots:
            progress.enter("drawing")
            _draw(order, made.result, recordings)
    if common.as_json:
        told = manifest(
            job=made.job,
            clip=clip_path,
            task=task,
            result=made.result,
            outputs=order.outputs,
            plots=order.plots,
            recordings=recordings,
            form=order.form,
            notes=progress.notes,
            seconds=time.monotonic() - started,
        )
        click.echo(json.dumps(told, indent=2, allow_nan=False))
    else:
        _tell(order, made.result, recordings)


def _checked(clip_path: Path | None, objective: Objective, common: Common) -> Order:
    outputs = _one_per_take(common.out, common.takes)
    plots = _one_per_take(common.plot, common.takes) if common.plot else []
    clip = read(clip_path) if clip_path else None
    refuse_paths(clip_path, outputs, plots)
    refuse_objective(objective, clip)
    form = choose_format(
        common.out,
        sample_type=clip.sample_type if clip else GENERATED,
        sample_rate=clip.sample_rate if clip else GENERATED_RATE,
        channels=clip.channels if clip else 2,
    )
    return Order(clip_path, clip, outputs, plots, form)


def _one_per_take(path: Path, takes: int) -> list[Path]:
    """Return PATH, PATH-2, PATH-3 ... with the extension kept."""
    return [path, *(path.with_stem(f"{path.stem}-{take}") for take in range(2, takes + 1))]


def _task(objective: Objective, clip: AudioRef | None, common: Common) -> Task:
    return Task(
        objectives=(objective,),
        clip=clip,
        model=common.model,
        prompt=common.prompt,
        seed=common.seed,
        takes=common.takes,
        quality=common.quality,
        music=Music(bpm=common.bpm, beat_offset=common.beat_offset, key=common.key),
    )


def _say_what_is_odd(order: Order, progress: Progress) -> None:
    if order.clip and order.clip.is_silent:
        progress.note(f"{order.clip_path} is silent: there is nothing in it to follow.")
    progress.note(order.form.note)


def _keep(order: Order, made: Made) -> list[Recording]:
    """Write all takes, or none of them where one cannot be written."""
    recordings = [
        _recording(order, made.result, take, data)
        for take, data in zip(made.result.takes, made.audio, strict=True)
    ]
    with ExitStack() as files:
        for path, recording in zip(order.outputs, recordings, strict=True):
            write(files.enter_context(replacing(path)), recording, order.form)
    return recordings


def _recording(order: Order, result: Result, take: Take, data: bytearray) -> Recording:
    samples = from_wire(data, take.audio)
    if order.clip is None:
        return wholly_new(samples, take.audio.sample_rate, GENERATED)
    return splice(order.clip, samples, new=result.new, clip_start=result.clip_start)


def _draw(order: Order, result: Result, recordings: list[Recording]) -> None:
    """Write the pictures, once the music is safe: without them, it still counts."""
    try:
        # Matplotlib and librosa take seconds to load; only a picture needs them.
        from bridge.plot import Picture, draw

        for number, (path, recording) in enumerate(zip(order.plots, recordings, strict=True)):
            picture = Picture(
                audio=recording.as_float(),
                sample_rate=recording.sample_rate,
                new=result.new,
                clip_start=result.clip_start,
                music=result.music,
                curves=tuple(curve for curve in result.curves if curve.take == number),
                title=f"seed {result.takes[number].seed}",
            )
            with replacing(path) as temporary:
                draw(temporary, picture)
    except KeyboardInterrupt:
        raise StoppedError("Stopped while drawing; the music is written.") from None


def _tell(order: Order, result: Result, recordings: list[Recording]) -> None:
    for path, take, recording in zip(order.outputs, result.takes, recordings, strict=True):
        rate = recording.sample_rate
        new = ", ".join(f"{span.start / rate:.3f}-{span.end / rate:.3f} s" for span in result.new)
        click.echo(f"{path}  {recording.seconds:.3f} s, new: {new}, seed {take.seed}")
    for path in order.plots:
        click.echo(str(path))
