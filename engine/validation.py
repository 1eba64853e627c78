"""Requests that cannot be carried out, and the sentence that says why and what to do instead."""

import math
from itertools import pairwise

from engine.controls import Repeat
from engine.errors import InvalidRequestError
from engine.layout import regions_in_samples
from engine.models.music_model import MusicalContext, MusicModel
from engine.models.tags import parse_key
from engine.quality import QUALITIES, sampler_steps
from engine.requests import Clip, Request
from engine.surrogate import in_steps

TASKS = ("outpaint", "inpaint", "loop", "generate", "vary")
SIDES = ("after", "before", "both")
LEAST_CLIP_SECONDS = 0.1
LEAST_NEW_SECONDS = 0.02
"""Less has no room for the fades at its seams."""
MOST_SECONDS = 600.0
LOWEST_RATE, HIGHEST_RATE = 8000, 192000
MOST_LEVEL = 100.0
"""Full scale is 1: samples beyond +40 dB are a mistake of scale, not loud music."""
SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0
MOST_TAKES = 8
LEAST_PROGRESS_SECONDS = 1.0
"""New material that a window must have room for beside the overlap."""


def check(request: Request, clip: Clip | None, model: MusicModel) -> None:
    """Return if `request` makes sense for `clip` and `model`; else raise InvalidRequestError."""
    _one_of("task", request.task, TASKS)
    _one_of("quality", request.quality, QUALITIES)
    # Refuses the paper's number of steps for models made for few.
    sampler_steps(request.quality, model)
    _check_surrogate(request, model)
    _check_numbers(request)
    _check_context(request.context)
    if request.task == "generate":
        if clip is not None:
            raise InvalidRequestError(
                "Generating makes music from the prompt alone and takes no clip. Leave the clip "
                "out, or outpaint to continue it."
            )
        if request.seconds or not any(isinstance(c, Repeat) for c in request.controls):
            _check_length(request.seconds)
        _check_overlap(request.overlap, request.seconds or math.inf, "music", model)
        return
    if clip is None:
        raise InvalidRequestError(f"The task {request.task} needs a clip. Choose a sound file.")
    _check_clip(clip)
    seconds = clip.audio.shape[-1] / clip.sample_rate
    if request.task == "inpaint":
        _check_regions(request, clip)
    elif request.task == "outpaint":
        _one_of("side", request.side, SIDES)
        _check_length(request.seconds)
    elif request.task == "loop" and request.seconds != 0:
        _check_length(request.seconds)
    elif request.task == "vary" and seconds > MOST_SECONDS:
        raise InvalidRequestError(
            f"Clips of up to {MOST_SECONDS:g} s can be varied; this one has {seconds:.3f} s. Work "
            "in parts."
        )
    _check_overlap(request.overlap, seconds, "clip", model)


def _one_of(what: str, word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise InvalidRequestError(
            f"There is no {what} named {word!r}. Choose one of: {', '.join(words)}."
        )


def _check_numbers(request: Request) -> None:
    times = [request.seconds, request.overlap, *(t for region in request.regions for t in region)]
    if not all(map(math.isfinite, times)):
        raise InvalidRequestError("Every time must be a finite number of seconds.")
    if not 1 <= request.takes <= MOST_TAKES:
        raise InvalidRequestError(
            f"Between 1 and {MOST_TAKES} takes can be made; you asked for {request.takes}."
        )
    if not 0 <= request.seed <= 2**53:
        raise InvalidRequestError(
            f"A seed is a whole number from 0 to 2^53; you gave {request.seed}."
        )


def _check_context(context: MusicalContext) -> None:
    bpm, offset = context.bpm, context.beat_offset
    if bpm is not None and not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        raise InvalidRequestError(
            f"Tempos from {SLOWEST_BPM:g} to {FASTEST_BPM:g} bpm are possible; you gave {bpm:g} "
            "bpm. Leave it out to let the program estimate it."
        )
    if offset is not None and not math.isfinite(offset):
        raise InvalidRequestError("The beat offset must be a finite number of seconds.")
    if not 1 <= context.beats_per_bar <= 32:
        raise InvalidRequestError(
            f"Bars of 1 to 32 beats are possible; you gave {context.beats_per_bar} beats."
        )
    if context.key is not None and parse_key(context.key) is None:
        raise InvalidRequestError(
            f"There is no key named {context.key!r}. Write it like 'A minor' or 'F# major', or "
            "leave it out to let the program estimate it."
        )


def _check_length(seconds: float) -> None:
    if not LEAST_NEW_SECONDS <= seconds <= MOST_SECONDS:
        raise InvalidRequestError(
            f"New material can be {LEAST_NEW_SECONDS:g} s to {MOST_SECONDS:g} s long; you asked "
            f"for {seconds:g} s. Choose a length in between."
        )


def _check_clip(clip: Clip) -> None:
    channels, samples = clip.audio.shape
    if not LOWEST_RATE <= clip.sample_rate <= HIGHEST_RATE:
        raise InvalidRequestError(
            f"Sample rates from {LOWEST_RATE} Hz to {HIGHEST_RATE} Hz are possible; this clip has "
            f"{clip.sample_rate} Hz. Convert it first."
        )
    if channels not in (1, 2):
        raise InvalidRequestError(
            f"Clips are mono or stereo; this one has {channels} channels. Mix it down first."
        )
    if samples < LEAST_CLIP_SECONDS * clip.sample_rate:
        raise InvalidRequestError(
            f"A clip needs at least {LEAST_CLIP_SECONDS:g} s of audio; this one has {samples} "
            f"samples ({samples / clip.sample_rate:.3f} s). Choose a longer one."
        )
    if not bool(clip.audio.isfinite().all()):
        bad = int((~clip.audio.isfinite()).sum())
        raise InvalidRequestError(
            f"The clip holds {bad} samples that are not numbers (NaN or infinite). Export it again."
        )
    peak = float(clip.audio.abs().max())
    if peak > MOST_LEVEL:
        raise InvalidRequestError(
            f"The clip peaks at {peak:g}, where full scale is 1 and {MOST_LEVEL:g} the limit. "
            "Normalize it first."
        )


def _check_regions(request: Request, clip: Clip) -> None:
    rate, samples = clip.sample_rate, clip.audio.shape[-1]
    seconds = samples / rate
    if not request.regions:
        raise InvalidRequestError("Inpainting needs at least one region, such as 1.5-2.5 seconds.")
    for start, end in request.regions:
        name = f"The region {start:g}-{end:g} s"
        if start >= end:
            raise InvalidRequestError(f"{name} ends before it begins. Give its start first.")
        if start < 0 or round(end * rate) > samples:
            raise InvalidRequestError(
                f"{name} lies outside the clip, which is {seconds:.3f} s long. Move it inside."
            )
        if end - start < LEAST_NEW_SECONDS:
            raise InvalidRequestError(
                f"{name} is too short: at least {LEAST_NEW_SECONDS:g} s are needed. Widen it."
            )
    for (a, b), (c, d) in pairwise(sorted(request.regions)):
        if c < b:
            raise InvalidRequestError(
                f"The regions {a:g}-{b:g} s and {c:g}-{d:g} s overlap. Join them or move one."
            )
    new = sum(end - start for start, end in request.regions)
    if new > MOST_SECONDS:
        raise InvalidRequestError(
            f"The regions are {new:g} s long together; at most {MOST_SECONDS:g} s can be made "
            "at once. Work in parts."
        )
    kept = samples - sum(e - s for s, e in regions_in_samples(request, rate))
    if kept < LEAST_CLIP_SECONDS * rate:
        raise InvalidRequestError(
            f"The regions cover the whole clip of {seconds:.3f} s; at least {LEAST_CLIP_SECONDS:g} "
            "s must stay for the model to follow. Make them shorter, or generate instead."
        )


def _check_surrogate(request: Request, model: MusicModel) -> None:
    if not request.surrogate:
        return
    if request.quality == "paper":
        raise InvalidRequestError(
            "The paper's settings listen to every sampler step; a surrogate listens to fewer. "
            "Choose another quality, or no surrogate."
        )
    in_steps(model, request.surrogate)


def _check_overlap(overlap: float, seconds: float, what: str, model: MusicModel) -> None:
    """Check the overlap against the `seconds` of `what` there is to reproduce."""
    if overlap == 0:
        return
    if overlap < LEAST_CLIP_SECONDS:
        raise InvalidRequestError(
            f"An overlap of {overlap:g} s is too short: at least {LEAST_CLIP_SECONDS:g} s are "
            "needed. Leave it out to let the program choose."
        )
    if overlap > seconds:
        raise InvalidRequestError(
            f"The overlap of {overlap:g} s is longer than the {what} of {seconds:.3f} s. Shorten "
            "it, or leave it out to let the program choose."
        )
    window = model.max_latent_frames * model.hop_length / model.sample_rate
    if overlap > window - LEAST_PROGRESS_SECONDS:
        raise InvalidRequestError(
            f"The overlap of {overlap:g} s leaves no room for new material: {model.name} works in "
            f"windows of {window:.2f} s. Use at most {window - LEAST_PROGRESS_SECONDS:.2f} s."
        )
