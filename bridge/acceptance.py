"""What makes a task acceptable before any model has seen it. Cheap, and free of torch and numpy."""

from bridge.blobs import BlobStore
from bridge.refusals import Refusal
from plugin_protocol.values import AudioRef, Generate, Inpaint, Task

SAMPLE_BYTES = {"f32le": 4, "f64le": 8}
LARGEST_SEED = 2**53


def check_task(task: Task, blobs: BlobStore) -> None:
    """Raise Refusal where the task contradicts itself or its audio is not here."""
    if len(task.objectives) != 1:
        raise Refusal(
            "UNSUPPORTED_TASK",
            f"A job has one objective; got {len(task.objectives)}.",
            "Send one job for each.",
        )
    if task.seed + task.takes - 1 > LARGEST_SEED:
        raise Refusal(
            "INVALID_SPEC", f"The last take's seed would exceed {LARGEST_SEED}.", "Lower the seed."
        )
    (objective,) = task.objectives
    if isinstance(objective, Inpaint):
        _check_regions(objective)
    if isinstance(objective, Generate):
        if task.clip is not None:
            raise Refusal("INVALID_SPEC", "Generating takes no clip.", "Leave the clip out.")
    elif task.clip is None:
        raise Refusal("INVALID_SPEC", "There is no clip to work on.", "Send one with the task.")
    else:
        _check_clip(task.clip, blobs)


def _check_regions(objective: Inpaint) -> None:
    for region in objective.regions:
        if region.start >= region.end:
            raise Refusal(
                "INVALID_SPEC",
                f"A region must end after it starts; got {region.start:g} to {region.end:g} s.",
                "Swap the two.",
            )


def _check_clip(clip: AudioRef, blobs: BlobStore) -> None:
    size = blobs.size(clip.sha)
    if size is None:
        raise Refusal("BLOB_MISSING", "The clip's audio is not here.", "Upload it first.")
    expected = clip.channels * clip.frames * SAMPLE_BYTES[clip.format]
    if size != expected:
        raise Refusal(
            "INVALID_AUDIO",
            f"{clip.channels} x {clip.frames} samples of {clip.format} are {expected} bytes; "
            f"the clip has {size}.",
            "Describe the audio as it was uploaded.",
        )
