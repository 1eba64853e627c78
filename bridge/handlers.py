"""What the daemon does about each message."""

import logging
from collections.abc import Callable

from msgspec.structs import replace

from bridge.crew import Crew
from bridge.metrics import Metrics
from bridge.peers import Peer, Peers
from bridge.quotas import Limits
from bridge.refusals import Refusal
from bridge.rights import may_see, require, rights_of
from bridge.transfers import Transfers
from bridge.workshop import Workshop
from plugin_protocol.framing import Buffer
from plugin_protocol.messages import (
    BlobData,
    BlobDrop,
    BlobGet,
    BlobPut,
    Bye,
    DaemonStop,
    FromClient,
    Hello,
    JobAck,
    JobAttach,
    JobCancel,
    JobCredit,
    JobForget,
    JobGet,
    JobList,
    JobState,
    JobSubmit,
    MetricsGet,
    ModelLoad,
    ModelState,
    Ok,
    Ping,
    Pong,
    Welcome,
)
from plugin_protocol.messages import Metrics as MetricsMessage
from plugin_protocol.values import (
    BLOB_BYTES,
    CHUNK_BYTES,
    HEADER_BYTES,
    PROTOCOL_MINOR,
    TERMINAL_STATES,
    WINDOW_CHUNKS,
)

log = logging.getLogger(__name__)

ENDS = {*TERMINAL_STATES, "unknown"}
LIMITS = {
    "chunk": CHUNK_BYTES,
    "window": WINDOW_CHUNKS,
    "header": HEADER_BYTES,
    "blob": BLOB_BYTES,
    **Limits().on_the_wire(),
}


class Handlers:
    """Acts on checked messages. Raises Refusal for what cannot be done."""

    def __init__(
        self,
        *,
        workshop: Workshop,
        transfers: Transfers,
        peers: Peers,
        crew: Crew,
        metrics: Metrics,
        stop: Callable[[Peer, int], None],
        is_leaving: Callable[[], bool],
        identity: Welcome,
    ) -> None:
        self._jobs = workshop.jobs
        self._dispatcher = workshop.dispatcher
        self._transfers = transfers
        self._peers = peers
        self._crew = crew
        self._metrics = metrics
        self._stop = stop
        self._is_leaving = is_leaving
        self._identity = identity

    def handle(self, peer: Peer, request: FromClient, chunk: Buffer | None) -> None:
        """Carry out one request and answer it."""
        if isinstance(request, Hello):
            self._greet(peer, request)
            return
        if not peer.has_greeted:
            raise Refusal("NOT_INITIALIZED", "Say hello first.")
        match request:
            case Ping():
                self._peers.send(peer, self._pong(request.i))
            case BlobPut():
                self._peers.send(peer, self._transfers.offer(peer, request))
            case BlobData() if chunk is not None:
                self._transfers.take(peer, request, chunk)
            case BlobGet():
                self._transfers.fetch(peer, request)
            case BlobDrop():
                self._peers.send(peer, Ok(re=request.i, changed=self._transfers.drop(request)))
            case Bye():
                self._peers.send(peer, Ok(re=request.i))
                self._peers.forget(peer)
                self._jobs.client_left(peer.watching)
            case ModelLoad():
                require(peer, "admin")
                report = self._crew.load(request.model)
                self._peers.send(peer, ModelState(re=request.i, model=report))
            case MetricsGet():
                require(peer, "admin")
                values = self._metrics.values()
                self._peers.send(peer, MetricsMessage(re=request.i, values=values))
            case DaemonStop():
                require(peer, "admin")
                self._stop(peer, request.i)
            case _:
                self._handle_job(peer, request)

    def _handle_job(self, peer: Peer, request: FromClient) -> None:
        send, number = self._peers.send, request.i
        named = getattr(request, "job", None)
        if named is not None and not may_see(peer, self._jobs.owner(named)):
            raise Refusal("FORBIDDEN", f"The job {named} is another client's.")
        match request:
            case JobSubmit():
                state = self._jobs.submit(request, owner=peer.owner, client=peer.name)
                self._answer_with(state, peer, number)
            case JobAttach(job=job):
                self._answer_with(self._jobs.state(job), peer, number)
            case JobCancel(job=job, mode=mode):
                send(peer, Ok(re=number, changed=self._jobs.cancel(job, mode)))
            case JobAck(job=job):
                send(peer, Ok(re=number, changed=self._jobs.acknowledge(job)))
            case JobForget(job=job):
                send(peer, Ok(re=number, changed=self._jobs.forget(job)))
            case JobCredit(job=job, previews=more):
                send(peer, Ok(re=number, changed=self._jobs.allow_previews(job, more)))
            case JobGet(job=job):
                send(peer, replace(self._jobs.details(job), re=number))
            case JobList():
                owner = None if may_see(peer, "") else peer.owner
                send(peer, self._jobs.listed(request, owner=owner))
            case _:
                raise Refusal("UNKNOWN_TYPE", "This daemon cannot do that.")

    def _greet(self, peer: Peer, hello: Hello) -> None:
        if hello.min_minor > PROTOCOL_MINOR:
            raise Refusal(
                "UNSUPPORTED_VERSION",
                f"{hello.client} needs protocol minor {hello.min_minor}; this daemon speaks "
                f"{PROTOCOL_MINOR}.",
                "Update the daemon.",
            )
        peer.has_greeted, peer.name = True, hello.client
        log.info("hello", extra={"client": hello.client})
        minor, catalogue = min(hello.max_minor, PROTOCOL_MINOR), self._crew.catalogue.reports
        welcome = replace(
            self._identity,
            re=hello.i,
            minor=minor,
            limits=LIMITS,
            models=tuple(report.name for report in catalogue),
            catalogue=catalogue,
            rights=rights_of(peer),
        )
        self._peers.send(peer, welcome)
        for job in hello.resume:
            is_seen = may_see(peer, self._jobs.owner(job))
            state = self._jobs.state(job) if is_seen else JobState(job=job, state="unknown")
            self._answer_with(state, peer)

    def _answer_with(self, state: JobState, peer: Peer, number: int = 0) -> None:
        """Tell a client how a job is, and let it hear what becomes of it."""
        # Only jobs that go on: a client may ask for any number of ids.
        if state.state not in ENDS:
            peer.watching.add(state.job)
        self._peers.send(peer, replace(state, re=number))

    def _pong(self, number: int) -> Pong:
        return Pong(
            re=number,
            epoch=self._identity.epoch,
            worker="busy" if self._dispatcher.in_worker else self._crew.state,
            job=self._dispatcher.in_worker,
            queued=self._jobs.queued,
            workers=self._crew.reports(),
            is_leaving=self._is_leaving(),
        )
