"""job.json -> a checked order whose files lie in the folder."""

from dataclasses import replace
from typing import Literal

from msgspec import Struct

from bridge.cli.options import Delivery
from bridge.cli.order import Order, order_of
from bridge.cli.request import from_spec
from bridge.documents import anchored, decoded
from bridge.folders.folder import JobFolder
from bridge.formats.tables import text_of
from bridge.spec import Spec


class FolderJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What job.json says."""

    schema: Literal["ditto-job/1"]
    spec: Spec
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
    return replace(order_of(request, delivery), only_new=asked.deliver == "new")
