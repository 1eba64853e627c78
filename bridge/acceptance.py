"""What makes a task acceptable before any model has seen it. Cheap, and free of torch and numpy."""

from collections.abc import Mapping

from bridge.blobs import BlobStore
from bridge.refusals import Refusal
from plugin_protocol.rules import NO_TAGS, as_message, audio_of, breaches
from plugin_protocol.values import NOISE_BYTES, Task

SAMPLE_BYTES = {"f32le": 4, "f64le": 8}


def check_task(task: Task, blobs: BlobStore, tags: Mapping[str, str] = NO_TAGS) -> None:
    """Raise Refusal where the task breaks rules, all at once, or its blobs are not as it says."""
    if broken := breaches(task, tags):
        raise Refusal("INVALID_SPEC", as_message(broken))
    _check_presence(task, blobs)
    _check_audio(task, blobs)
    _check_noise(task, blobs)


def _check_presence(task: Task, blobs: BlobStore) -> None:
    named = {f"the {name}'s audio": ref.sha for name, ref in audio_of(task).items()}
    if task.start is not None:
        named["the noise to start from"] = task.start.noise
    missing = [name for name, sha in named.items() if blobs.size(sha) is None]
    if missing:
        raise Refusal("BLOB_MISSING", f"Not here: {', '.join(missing)}.", "Upload it first.")


def _check_audio(task: Task, blobs: BlobStore) -> None:
    wrong = []
    for name, ref in audio_of(task).items():
        size, expected = blobs.size(ref.sha), ref.channels * ref.frames * SAMPLE_BYTES[ref.format]
        if size != expected:
            wrong.append(
                f"{name}: {ref.channels} x {ref.frames} samples of {ref.format} are {expected} "
                f"bytes; the blob has {size}."
            )
    if wrong:
        raise Refusal(
            "INVALID_AUDIO", as_message(tuple(wrong)), "Describe the audio as it was uploaded."
        )


def _check_noise(task: Task, blobs: BlobStore) -> None:
    size = 0 if task.start is None else blobs.size(task.start.noise)
    if size is not None and size > NOISE_BYTES:
        raise Refusal(
            "INVALID_NOISE",
            f"The noise to start from has {size} bytes; {NOISE_BYTES} is the limit.",
            "Send the blob that a result names as its noise.",
        )
