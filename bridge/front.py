"""The process that answers: one thread, one socket, no torch.

Everything that takes time happens elsewhere, in a worker or in the thread that syncs uploads, and
comes back as an event.
"""

import logging
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from msgspec.structs import replace

from bridge.addresses import endpoint_of, same_again
from bridge.crew import Crew
from bridge.errors import DamagedStoreError, StoreError
from bridge.handlers import Handlers
from bridge.inbox import Inbox
from bridge.keys import KeyRing, write_private
from bridge.metrics import Metrics
from bridge.peers import Peer, Peers
from bridge.quotas import Quotas
from bridge.refusals import Refusal
from bridge.settings import Settings
from bridge.sockets import Network, Received, Router
from bridge.storage import Storage
from bridge.transfers import Transfers, UploadEnded
from bridge.upload_gate import UploadGate
from bridge.version import installed_version
from bridge.worker_link import Died, Said, WorkerEvent
from bridge.workshop import Workshop
from plugin_protocol import connection
from plugin_protocol.framing import BadMessageError, decode_request
from plugin_protocol.messages import Error, ModelState, Notice, Ok, Welcome
from plugin_protocol.values import PROTOCOL_MAJOR, PROTOCOL_MINOR, Failure

log = logging.getLogger(__name__)

MESSAGES_PER_ROUND = 64
PATIENCE_SECONDS = 0.5
SLOW_PEER_SECONDS = 0.005
"""How soon to try again with a peer that does not read."""
PARKING_SECONDS = 10.0
LEAVING_SECONDS = 0.5
INTERNAL = Failure(
    code="INTERNAL",
    message="The daemon failed on this request.",
    hint="This is a bug. `ditto log` says where.",
)
NOT_WRITTEN = Failure(
    code="STORAGE_FULL",
    message="The daemon's disk does not take what must be written. Nothing was changed, and no job "
    "is lost.",
    hint="Make room on that disk, and see that it can be written to.",
    limit="disk",
    retry_after_ms=60_000,
)
LEAVING = Notice(
    kind="leaving",
    text="The daemon keeps its jobs and leaves; they go on when it is started again.",
)


@dataclass(frozen=True)
class StopAsked:
    """A signal asks the daemon to leave."""


class Front:
    """The daemon but for its workers. Bound once constructed, announced once it runs."""

    def __init__(self, settings: Settings) -> None:
        paths = self._paths = settings.paths
        self._inbox: Inbox[WorkerEvent | UploadEnded | StopAsked] = Inbox()
        storage = self._storage = Storage.open(paths)
        quotas = Quotas()
        self._keys = KeyRing(paths.keys)
        self._router = Router(paths.endpoint, uid=os.getuid(), network=self._network(settings))
        self._router.also_wait_for(self._inbox.descriptor)
        self._peers = Peers(self._router, quotas)
        self._crew = Crew.of(settings, self._inbox.put)
        self._workshop = Workshop(
            storage,
            paths,
            crew=self._crew,
            tell=self._peers.tell,
            is_heard=self._peers.is_heard,
            quotas=quotas,
        )
        self._transfers = Transfers(
            storage.blobs,
            storage.previews,
            peers=self._peers,
            gate=UploadGate(storage, quotas),
            report=self._inbox.put,
        )
        self._metrics = Metrics(storage, self._peers, self._crew, port=settings.metrics_port)
        self._handlers = Handlers(
            metrics=self._metrics,
            workshop=self._workshop,
            transfers=self._transfers,
            peers=self._peers,
            crew=self._crew,
            stop=self._stop_for,
            is_leaving=lambda: self._leave_at is not None,
            identity=self._identity(),
        )
        self._leave_at: float | None = None
        self._asked_to_stop: list[tuple[Peer, int]] = []
        self._metrics.also(self._router.numbers)
        self._metrics.also(self._workshop.jobs.numbers)

    def run(self) -> None:
        """Answer until asked to stop, then checkpoint and leave.

        Raises DamagedStoreError where the job database is broken: the next daemon begins a new one.
        """
        self._announce()
        while not self._may_leave():
            self._workers_may_start()
            self._router.wait(self._patience())
            for event in self._inbox.take():
                self._on_event(event)
            for received in self._router.receive(MESSAGES_PER_ROUND):
                if not received.client or self._keys.admits(received.client):
                    self._on_message(received)
            self._peers.forget_silent()
            self._transfers.pause_idle()
            self._metrics.publish_if_due()
        self._leave()

    def addresses(self) -> Iterator[str]:
        """Yield a sentence for each place where it can be reached besides the private folder."""
        if self._router.network_endpoint:
            yield f"paired clients reach the daemon at {self._router.network_endpoint}"
        if self._metrics.address:
            yield f"Prometheus reads its numbers at {self._metrics.address}"

    def ask_to_stop(self) -> None:
        """Make `run` return soon. May be called from a signal handler."""
        self._inbox.put(StopAsked())

    def close(self) -> None:
        """Let go of everything, without ceremony if need be."""
        self._metrics.close()
        self._crew.kill()
        self._transfers.close()
        self._router.close(linger_seconds=LEAVING_SECONDS)
        self._storage.close()
        self._inbox.close()

    # ---- what comes in -----------------------------------------------------------------------

    def _on_message(self, received: Received) -> None:
        try:
            peer = self._peers.hear(received.address, received.client)
        except Refusal as refusal:
            self._turn_away(received, refusal)
            return
        number = 0
        self._metrics.count("messages")
        try:
            request, chunk = decode_request(received.frames)
            number = request.i
            self._handlers.handle(peer, request, chunk)
        except BadMessageError as error:
            self._on_bad_message(peer, error)
        except Refusal as refusal:
            self._metrics.count("refusals")
            named = getattr(request, "job", "")
            self._peers.send(peer, Error(re=number, failure=refusal.failure, job=named))
        except DamagedStoreError:
            raise
        except StoreError:
            log.exception("a request was not stored")
            self._peers.send(peer, Error(re=number, failure=NOT_WRITTEN))
        except Exception:
            # One client's request must not end the others' daemon.
            trace = secrets.token_hex(4)
            log.exception("a request failed", extra={"trace": trace})
            self._peers.send(peer, Error(re=number, failure=replace(INTERNAL, trace=trace)))

    def _turn_away(self, received: Received, refusal: Refusal) -> None:
        self._metrics.count("refusals")
        with suppress(BadMessageError):
            request, _ = decode_request(received.frames)
            self._peers.turn_away(received.address, Error(re=request.i, failure=refusal.failure))

    def _on_bad_message(self, peer: Peer, error: BadMessageError) -> None:
        self._metrics.count("bad_messages")
        if peer.counts_as_flooding(time.monotonic()):
            return
        failure = Failure(code=error.code, message=str(error))
        self._peers.send(peer, Error(re=error.answers, failure=failure))

    def _on_event(self, event: WorkerEvent | UploadEnded | StopAsked) -> None:
        match event:
            case UploadEnded():
                self._transfers.end(event)
            case StopAsked():
                self._begin_leaving()
            case Said() | Died():
                self._on_worker(event)

    def _on_worker(self, event: WorkerEvent) -> None:
        worker, was_ready = event.worker, event.worker.is_ready
        if not worker.accept(event):
            return
        self._metrics.hear(event)
        if isinstance(event, Said) and isinstance(event.message, ModelState):
            # It may be in the memory of another one yet, or failed in this one alone.
            model = self._crew.catalogue.named(event.message.model.name)
            self._peers.tell_all(ModelState(model=model))
        elif isinstance(event, Said):
            self._workshop.hear(event.message)
        elif self._leave_at is None:
            self._workshop.mourn(worker, was_ready=was_ready)

    # ---- coming and going --------------------------------------------------------------------

    def _workers_may_start(self) -> None:
        if self._leave_at is None:
            self._crew.attend()
            self._workshop.attend()

    def _patience(self) -> float:
        return SLOW_PEER_SECONDS if self._peers.flush() else PATIENCE_SECONDS

    def _stop_for(self, peer: Peer, number: int) -> None:
        self._asked_to_stop.append((peer, number))
        self._begin_leaving()

    def _begin_leaving(self) -> None:
        if self._leave_at is None:
            log.info("leaving")
            self._peers.tell_all(LEAVING)
            self._leave_at = time.monotonic() + PARKING_SECONDS
            self._crew.part(busy=self._workshop.dispatcher.busy)

    def _may_leave(self) -> bool:
        if self._leave_at is None:
            return False
        return not self._crew.is_alive or time.monotonic() > self._leave_at

    def _leave(self) -> None:
        self._crew.kill()
        self._workshop.park()
        self._paths.connection_file.unlink(missing_ok=True)
        for peer, number in self._asked_to_stop:
            self._peers.send(peer, Ok(re=number))
        deadline = time.monotonic() + LEAVING_SECONDS
        while self._peers.flush() and time.monotonic() < deadline:
            time.sleep(SLOW_PEER_SECONDS)

    def _identity(self) -> Welcome:
        return Welcome(
            epoch=self._storage.jobs.epoch,
            server=f"ditto/{installed_version()}",
            minor=PROTOCOL_MINOR,
            limits={},
            pid=os.getpid(),
            boot=secrets.token_hex(8),
            notice=self._storage.notice,
            capabilities=("text",) if self._paths.clap.exists() else (),
        )

    def _network(self, settings: Settings) -> Network | None:
        if not settings.network:
            return None
        endpoint = same_again(endpoint_of(settings.network), settings.paths.last_network)
        server = self._keys.server()
        return Network(endpoint, server.public, server.secret, self._keys.name_of)

    def _announce(self) -> None:
        network = self._router.network_endpoint
        if network:
            write_private(self._paths.last_network, network.encode())
            log.info("listening", extra={"endpoint": network})
        connection.write(
            self._paths.connection_file,
            connection.Connection(
                endpoint=self._paths.endpoint,
                pid=os.getpid(),
                epoch=self._storage.jobs.epoch,
                version=installed_version(),
                protocol=(PROTOCOL_MAJOR, PROTOCOL_MINOR),
                network=network,
                metrics=self._metrics.address,
            ),
        )
