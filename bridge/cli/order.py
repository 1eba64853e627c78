"""One order from request to files: refuse, have it made, put it into the clip, write, tell."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import click

from bridge.audio_files import Format, Recording, choose_format, replacing, write
from bridge.cli.checks import refuse_paths
from bridge.cli.failures import StoppedError
from bridge.cli.job import Made, run
from bridge.cli.manifest import manifest
from bridge.cli.options import Delivery, Wishes
from bridge.cli.progress import Progress
from bridge.cli.request import Request, from_document, from_words
from bridge.documents import manifest_path
from bridge.spec import plain
from bridge.splice import faded_into, from_wire, splice, wholly_new
from plugin_protocol.values import Kind, Result, Span, Take

GENERATED = "PCM_24"
GENERATED_RATE = 44_100
"""How music without a clip is stored."""


@dataclass(frozen=True)
class Order:
    """What is to be made, and where it goes; complete and checked.

    `within`: of a clip made anew as a whole, take only these samples, and fade into them.
    `only_new`: write from the first new sample to the last, not the clip around them.
    """

    request: Request
    clip: Recording | None
    outputs: list[Path]
    plots: list[Path]
    manifest: Path | None
    form: Format
    within: Span | None = None
    only_new: bool = False

    def new_in(self, result: Result) -> tuple[Span, ...]:
        """Return which samples of the result are new."""
        return (self.within,) if self.within else result.new


def carry_out(job: Kind, clip: Path | None, wishes: Wishes, delivery: Delivery) -> None:
    """Do what a command line asks for and print where the music is."""
    _fulfil(from_words(job, clip, wishes), delivery)


def repeat(document: Path, delivery: Delivery) -> None:
    """Do what a spec or a manifest says and print where the music is."""
    _fulfil(from_document(document), delivery)


def _fulfil(request: Request, delivery: Delivery) -> None:
    if delivery.print_spec:
        click.echo(json.dumps(plain(request.spec), indent=2, allow_nan=False))
        return
    started = time.monotonic()
    order = order_of(request, delivery)
    with Progress(request.spec.takes) as progress:
        say_what_is_odd(order, progress)
        made, recordings, told = run(
            request.task(),
            request.inputs.everything(),
            progress,
            keep=keeping(order, progress, started),
        )
        if order.plots:
            progress.enter("drawing")
            _draw(order, made.result, recordings)
    if delivery.as_json:
        click.echo(json.dumps(told, indent=2, allow_nan=False))
    else:
        _tell(order, made.result, recordings)


def order_of(request: Request, delivery: Delivery) -> Order:
    """Return the request as an order; refuse what could not be written. Raises BridgeError."""
    outputs = _one_per_take(delivery.out, request.spec.takes)
    plots = _one_per_take(delivery.plot, request.spec.takes) if delivery.plot else []
    beside = manifest_path(delivery.out) if delivery.manifest else None
    file = request.spec.clip
    clip = request.inputs.get(file).recording if file else None
    written = [*outputs, beside] if beside else outputs
    refuse_paths(Path(file.path) if file else None, written, plots)
    form = choose_format(
        delivery.out,
        sample_type=clip.sample_type if clip else GENERATED,
        sample_rate=clip.sample_rate if clip else GENERATED_RATE,
        channels=clip.channels if clip else 2,
    )
    return Order(request, clip, outputs, plots, beside, form)


def _one_per_take(path: Path, takes: int) -> list[Path]:
    """Return PATH, PATH-2, PATH-3 ... with the extension kept."""
    return [path, *(path.with_stem(f"{path.stem}-{take}") for take in range(2, takes + 1))]


class Notes(Protocol):
    """Who is told what a person should know, and remembers it."""

    @property
    def notes(self) -> list[str]:
        """What was said."""

    def note(self, sentence: str) -> None:
        """Hear it; "" is nothing."""


def say_what_is_odd(order: Order, progress: Notes) -> None:
    """Tell what is known to be unusual before anything is made."""
    for sentence in order.request.notes:
        progress.note(sentence)
    file = order.request.spec.clip
    if file and order.clip and order.clip.is_silent:
        progress.note(f"{file.path} is silent: there is nothing in it to follow.")
    progress.note(order.form.note)


Outcome = tuple[Made, list[Recording], dict[str, Any]]


def keeping(order: Order, progress: Notes, started: float) -> Callable[[Made], Outcome]:
    """Return what writes a made job: all takes and the manifest, or none where one cannot be.

    It returns what was made, what was written and the manifest. `started`: by the monotonic clock.
    """

    def keep(made: Made) -> Outcome:
        before = order.request.made_before
        if before and before.model.digest != made.result.model_digest:
            progress.note(
                f"It was made by another '{before.model.name}' than the one here: the result "
                "differs."
            )
        takes = len(made.result.takes)
        if takes < order.request.spec.takes:
            progress.note(f"It was finished after take {takes} of {order.request.spec.takes}.")
        recordings = [
            _recording(order, made.result, take, data)
            for take, data in zip(made.result.takes, made.audio, strict=True)
        ]
        told = manifest(
            job=made.job,
            spec=order.request.spec,
            result=made.result,
            outputs=order.outputs[:takes],
            plots=order.plots[:takes],
            recordings=recordings,
            form=order.form,
            notes=progress.notes,
            seconds=time.monotonic() - started,
        )
        with ExitStack() as files:
            if order.manifest:
                # First in, last out: it appears when the music that it speaks of is there.
                text = json.dumps(told, indent=2, allow_nan=False) + "\n"
                files.enter_context(replacing(order.manifest)).write_text(text, encoding="utf-8")
            # Who finishes a job early has fewer takes than were asked for.
            for path, recording in zip(order.outputs, recordings, strict=False):
                write(files.enter_context(replacing(path)), recording, order.form)
        return made, recordings, told

    return keep


def _recording(order: Order, result: Result, take: Take, data: bytearray) -> Recording:
    samples = from_wire(data, take.audio)
    if order.clip is None:
        return wholly_new(samples, take.audio.sample_rate, GENERATED)
    if order.within:
        samples = faded_into(order.clip, samples, order.within)
    new = order.new_in(result)
    whole = splice(order.clip, samples, new=new, clip_start=result.clip_start)
    if not order.only_new:
        return whole
    first, last = enclosing(new)
    return replace(whole, samples=whole.samples[first:last])


def enclosing(spans: Sequence[Span]) -> tuple[int, int]:
    """Return the samples [start, end) of the result from the first new one to the last."""
    return min(span.start for span in spans), max(span.end for span in spans)


def _draw(order: Order, result: Result, recordings: list[Recording]) -> None:
    """Write the pictures, once the music is safe: without them, it still counts."""
    try:
        # Matplotlib and librosa take seconds to load; only a picture needs them.
        from bridge.plot import Picture, draw

        for number, (path, recording) in enumerate(zip(order.plots, recordings, strict=False)):
            picture = Picture(
                audio=recording.as_float(),
                sample_rate=recording.sample_rate,
                new=result.new,
                clip_start=result.clip_start,
                music=result.music,
                curves=tuple(curve for curve in result.curves if curve.take == number),
                matrices=tuple(matrix for matrix in result.matrices if matrix.take == number),
                controls=order.request.spec.controls,
                title=f"seed {result.takes[number].seed}",
            )
            with replacing(path) as temporary:
                draw(temporary, picture)
    except KeyboardInterrupt:
        raise StoppedError("Stopped while drawing; the music is written.") from None


def _tell(order: Order, result: Result, recordings: list[Recording]) -> None:
    for path, take, recording in zip(order.outputs, result.takes, recordings, strict=False):
        rate = recording.sample_rate
        new = ", ".join(f"{span.start / rate:.3f}-{span.end / rate:.3f} s" for span in result.new)
        click.echo(f"{path}  {recording.seconds:.3f} s, new: {new}, seed {take.seed}")
    for path in (*order.plots[: len(recordings)], *([order.manifest] if order.manifest else [])):
        click.echo(str(path))
