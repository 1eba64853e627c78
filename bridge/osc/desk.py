"""What is done about each message, and about each errand that is not over.

Works are done by processes of their own (`bridge.folders.detached`), which go on when the door is
closed.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from bridge.cli.failures import RefusedError, sentence_of
from bridge.errors import BridgeError
from bridge.folders import detached
from bridge.folders.request import FolderJob
from bridge.osc.errands import Errand, Note, errands_in, refuse_foreign, write_errand
from bridge.osc.grounds import Grounds
from bridge.osc.orders import COMMANDS, asked, checked_id, id_of, in_words
from bridge.version import installed_version

MOST_OPEN = 8
"""Each is a process, though the daemon makes one after the other."""
BEGIN_AGAIN_SECONDS = 10.0
"""Until a work that nobody is seen to do is begun again; at once where somebody was."""
MOST_BEGINNINGS = 3
MESSAGE_CHARACTERS = 1000

WISHES = ("cancel", "finish")
ABOUT_ONE = ("again", "resume", "taken", *WISHES)
ABOUT_ALL = ("list", "ping")
VERBS = frozenset({*COMMANDS, *ABOUT_ONE, *ABOUT_ALL})

Address = tuple[str, int]


class Answer(Protocol):
    """Sends /ditto/VERB with these values."""

    def __call__(self, to: Address, verb: str, *values: str | int | float) -> None:
        """Send it; whether it arrives is not known."""


class BusyError(RefusedError):
    """Not now, or not under this id."""


@dataclass
class _Open:
    """An errand that is not over."""

    errand: Errand
    reply: Address
    shown: str = ""
    begun: float = field(default_factory=time.monotonic)
    beginnings: int = 1


class Desk:
    """Serves one folder. `say` is told, in a line, what the user should see."""

    def __init__(self, grounds: Grounds, *, answer: Answer, say: Callable[[str], None]) -> None:
        self._grounds, self._answer, self._say = grounds, answer, say
        self._open: dict[str, _Open] = {}

    def reopen(self) -> None:
        """Go on with whatever was open when the last door was closed."""
        for errand in errands_in(self._grounds.exchange):
            state = errand.folder.state
            if state in ("open", "running") or (state == "done" and errand.is_undelivered):
                self._follow(errand, errand.note.reply)

    def do(self, verb: str, words: tuple[str, ...], reply: Address) -> None:
        """Do what a message says, or answer why not."""
        name = ""
        try:
            if verb in COMMANDS:
                name = id_of(words) or secrets.token_hex(4)
                self._accept(verb, name, words, reply)
            elif verb in ABOUT_ONE:
                name = checked_id(words[0] if words else "")
                self._about(verb, name, reply)
            elif verb == "list":
                self._list(reply)
            else:
                self._pong(reply)
        except BusyError as error:
            self.fail(reply, name, "BUSY", str(error))
        except (BridgeError, OSError) as error:
            self.fail(reply, name, "REFUSED", in_words(error))
        except Exception as error:  # a bug of ours, which shall not close the door on others
            self.fail(reply, name, "FAILED", sentence_of(error))

    def look_after_all(self) -> None:
        """Tell what is new about the errands, and deliver those that are done."""
        for one in [*self._open.values()]:
            self._look_after(one)

    def fail(self, reply: Address, name: str, code: str, message: str) -> None:
        """Answer that there will be no music."""
        self._say(f"{name or 'a message'}: {message}")
        self._answer(reply, "failed", name, code, message[:MESSAGE_CHARACTERS])

    # ---- messages ------------------------------------------------------------------------------

    def _accept(self, kind: str, name: str, words: tuple[str, ...], reply: Address) -> None:
        known = self._open.get(name)
        if known and (known.errand.note.kind, known.errand.note.words) == (kind, words):
            self._answer(reply, "accepted", name)  # a packet that came twice
            return
        self._refuse_more(name)
        order = asked(kind, words, self._grounds)
        if order.out:
            refuse_foreign([order.out], self._grounds.exchange)
        out = str(order.out) if order.out else None
        note = Note(id=name, kind=kind, words=words, out=out, reply=reply)
        request = FolderJob(schema="ditto-job/1", spec=order.request.spec, within=order.within)
        self._begin(write_errand(self._grounds.exchange, note, request), reply)

    def _about(self, verb: str, name: str, reply: Address) -> None:
        if verb in WISHES:
            if name not in self._open:
                raise RefusedError(f"{name} is not being made, so there is nothing to {verb}.")
            self._open[name].errand.wish(verb)
        elif verb == "taken":
            self._newest(name).wish(verb)
        elif verb == "again":
            self._refuse_more(name)
            self._begin(self._newest(name).again(self._grounds.exchange, reply), reply)
        else:
            self._resume(name, reply)

    def _resume(self, name: str, reply: Address) -> None:
        if known := self._open.get(name):
            known.reply, known.shown = reply, ""
            self._answer(reply, "accepted", name)
            return
        self._refuse_more(name)
        errand = self._newest(name)
        self._answer(reply, "accepted", name)
        self._follow(errand, reply)

    def _list(self, reply: Address) -> None:
        newest = {errand.id: errand for errand in errands_in(self._grounds.exchange)}
        left = [errand for errand in newest.values() if not errand.is_settled]
        for errand in left:
            self._answer(reply, "job", errand.id, errand.folder.state, errand.note.kind)
        self._answer(reply, "jobs", len(left))

    def _pong(self, reply: Address) -> None:
        # What patches cannot make themselves: a name that no other patch has.
        token = secrets.token_hex(4)
        self._answer(reply, "pong", installed_version(), str(self._grounds.exchange), token)

    def _refuse_more(self, name: str) -> None:
        if name in self._open:
            raise BusyError(f"{name} is still being made. Wait, cancel it, or use another id.")
        if len(self._open) >= MOST_OPEN:
            raise BusyError(
                f"{MOST_OPEN} requests are open, which is the most. Wait for one, or cancel one."
            )

    def _newest(self, name: str) -> Errand:
        found = [errand for errand in errands_in(self._grounds.exchange) if errand.id == name]
        if not found:
            raise RefusedError(f"There is no request with the id {name}.")
        return found[-1]

    # ---- errands -------------------------------------------------------------------------------

    def _begin(self, errand: Errand, reply: Address) -> None:
        self._answer(reply, "accepted", errand.id)
        self._say(f"{errand.id}: {errand.note.kind}, in {errand.folder.path}")
        self._follow(errand, reply)

    def _follow(self, errand: Errand, reply: Address) -> None:
        if errand.folder.state in ("open", "failed"):
            detached.begin(errand.folder)
        self._open[errand.id] = _Open(errand, reply)

    def _look_after(self, one: _Open) -> None:
        errand, state = one.errand, one.errand.folder.state
        if state in ("done", "taken"):
            del self._open[errand.id]
            self._done(errand, one.reply)
        elif state == "failed":
            del self._open[errand.id]
            failed = errand.members("failed.json")
            self.fail(one.reply, errand.id, failed["code"], failed["message"])
        elif state == "running":
            self._progress(one)
        elif one.shown or time.monotonic() - one.begun > BEGIN_AGAIN_SECONDS:
            self._begin_again(one)

    def _progress(self, one: _Open) -> None:
        text = one.errand.text("progress.json")
        if text and text != one.shown:
            one.shown = text
            now = one.errand.members("progress.json")
            fraction = -1.0 if now["fraction"] is None else float(now["fraction"])
            self._answer(one.reply, "progress", one.errand.id, fraction, now["message"])

    def _begin_again(self, one: _Open) -> None:
        if one.beginnings == MOST_BEGINNINGS:
            del self._open[one.errand.id]
            sentence = (
                f"The work ended {MOST_BEGINNINGS} times without a word. "
                f"`ditto job --wait {one.errand.folder.path}` shows what happens."
            )
            self.fail(one.reply, one.errand.id, "FAILED", sentence)
            return
        one.shown, one.begun, one.beginnings = "", time.monotonic(), one.beginnings + 1
        detached.begin(one.errand.folder)

    def _done(self, errand: Errand, reply: Address) -> None:
        try:
            paths = errand.deliver(self._grounds.exchange)
        except BridgeError as error:
            there = errand.folder.result
            self.fail(reply, errand.id, "REFUSED", f"{error} The music is in {there}.")
            return
        done = errand.members("done.json")
        seeds = [take["seed"] for take in done["takes"]]
        if len(paths) > 1:
            for number, (path, seed) in enumerate(zip(paths, seeds, strict=True), start=1):
                self._answer(reply, "take", errand.id, number, str(path), seed)
        # In the file: the folder counts from the clip's first sample.
        first, last = (done[name] - done["start"] for name in ("new_start", "new_end"))
        told = (errand.id, str(paths[0]), done["samples"], first, last, seeds[0])
        self._answer(reply, "done", *told)
        self._say(f"{errand.id}: {done['message']}, {paths[0]}")
