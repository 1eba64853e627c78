"""job.json -> a checked order whose files lie in the folder."""

from dataclasses import replace
from typing import Literal

from msgspec import Struct

from bridge.audio_files import Recording
from bridge.cli.failures import RefusedError
from bridge.cli.options import Delivery
from bridge.cli.order import Order, order_of
from bridge.cli.request import from_spec
from bridge.documents import anchored, decoded
from bridge.folders.folder import JobFolder
from bridge.formats.tables import text_of
from bridge.spec import Spec
from plugin_protocol.parts import Region
from plugin_protocol.values import Span, Vary


class FolderJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What job.json says."""

    schema: Literal["ditto-job/1"]
    spec: Spec
    within: Region | None = None
    deliver: Literal["whole", "new"] = "whole"
    title: str = ""


def read_order(folder: JobFolder) -> Order:
    """Return what the folder asks for. Raises BridgeError, mostly a ProblemsError."""
    path = folder.request
    asked = decoded(path, text_of(path).encode(), FolderJob)
    request = from_spec(anchored(asked.spec, path), "job.json, ")
    delivery = Delivery(
        out=folder.result, as_json=False, plot=None, manifest=True, print_spec=False
    )
    order = order_of(request, delivery)
    within = _samples(asked, order.clip) if asked.within else None
    return replace(order, within=within, only_new=asked.deliver == "new")


def _samples(asked: FolderJob, clip: Recording | None) -> Span:
    """Return the samples that `within` means. Raises RefusedError."""
    within = asked.within
    if clip is None or within is None or not isinstance(asked.spec.job, Vary):
        raise RefusedError(
            "job.json, $.within is for the kind 'vary', which makes a whole clip anew. Leave it "
            "out; 'inpaint' has its regions."
        )
    start, end = (round(second * clip.sample_rate) for second in (within.start, within.end))
    if not 0 <= start < end <= len(clip.samples):
        raise RefusedError(
            f"job.json, $.within is {within.start:g} to {within.end:g} s of a clip of "
            f"{clip.seconds:g} s. Give a stretch of it, the earlier time first."
        )
    return Span(start=start, end=end)
