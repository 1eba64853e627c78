"""A REAPER that runs: actions are scripts in Lua states of their own, deferred until they end."""

import os
import shlex
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lupa.lua54 import LuaRuntime

from pretend_reaper import signatures
from pretend_reaper.functions import Functions
from pretend_reaper.model import Project

STRICT = Path(__file__).parent / "strict.lua"
NEEDS_ANSWER = (1, 2, 3, 4, 5)
LONG_ENOUGH = 20.0


@dataclass(eq=False)
class Window:
    """What was drawn last: texts and rectangles, and where the mouse is."""

    title: str = ""
    texts: list[str] = field(default_factory=list)
    spots: dict[str, tuple[float, float]] = field(default_factory=dict)
    is_open: bool = False
    is_closed_by_user: bool = False


@dataclass(eq=False)
class Script:
    """An action that runs: its deferred functions, and what it does when it ends."""

    name: str
    lua: Any = None
    deferred: list[Callable[[], None]] = field(default_factory=list)
    at_exit: list[Callable[[], None]] = field(default_factory=list)
    options: int = 0
    window: Window = field(default_factory=Window)
    gfx: Any = None


class Reaper:
    """REAPER with these project tabs and the scripts of a folder.

    `answers` are taken by boxes that ask something, and by the dialog of the settings; `boxes` are
    all texts that were shown.
    """

    def __init__(self, scripts: Path, *tabs: Project) -> None:
        self.folder, self.functions = scripts, Functions(list(tabs))
        self.scripts: list[Script] = []
        self.answers: list[int | str] = []
        self.boxes: list[str] = []
        self.asked: list[tuple[str, str]] = []
        self.processes: list[subprocess.Popen[bytes]] = []
        self.used: set[str] = set()

    def act(self, name: str) -> Script:
        """Run an action, `name` of it, until it first defers or ends."""
        for running in [each for each in self.scripts if each.name == name]:
            assert running.options & 3 == 3, "REAPER would ask what to do with the running script"
            self._end(running)
        script = Script(name)
        lua = script.lua = LuaRuntime(unpack_returned_tuples=True)
        numbers: dict[int, Any] = {}

        def number_of(thing: Any) -> int:
            numbers[id(thing)] = thing
            return id(thing)

        def perform(name: str, *arguments: Any) -> Any:
            self.used.add(name)
            return self._perform(script, name, arguments)

        script.gfx = lua.table_from(
            {"x": 0, "y": 0, "w": 420, "h": 100, "mouse_x": -1, "mouse_y": -1, "mouse_cap": 0}
        )
        known = {
            module: {name: asdict(signature) for name, signature in functions.items()}
            for module, functions in signatures.read().items()
        }
        table = lua.table_from(known, recursive=True)
        lua.execute(STRICT.read_text(), table, perform, number_of, script.gfx)
        self.scripts.append(script)
        lua.eval("dofile")(str(self.folder / f"DITTO - {name}.lua"))
        self._end_if_idle(script)
        return script

    def pump(self, until: Callable[[], bool] | None = None, seconds: float = LONG_ENOUGH) -> None:
        """Run deferred functions as REAPER's timer does, until `until`, or until no script runs."""
        deadline = time.monotonic() + seconds
        while self.scripts and not (until and until()):
            assert time.monotonic() < deadline, [each.window.texts for each in self.scripts]
            for script in list(self.scripts):
                deferred, script.deferred = script.deferred, []
                for function in deferred:
                    function()
                self._end_if_idle(script)
            time.sleep(0.005)

    def run(self, name: str) -> None:
        """Run an action and all that it begins to its end."""
        self.act(name)
        self.pump()

    def click(self, script: Script, words: str) -> None:
        """Press the button with these words in a script's window."""
        self.pump(lambda: words in script.window.spots)
        script.gfx["mouse_x"], script.gfx["mouse_y"] = script.window.spots[words]
        script.gfx["mouse_cap"] = 1
        for function in script.deferred:
            function()
            break
        script.deferred = script.deferred[1:]
        script.gfx["mouse_cap"] = 0

    def kill(self) -> None:
        """End as kill -9 does: no script learns of it, processes go on."""
        self.scripts.clear()

    def stop_processes(self) -> None:
        """End what `ExecProcess` began."""
        for process in self.processes:
            process.kill()
            process.wait(10)

    def _end_if_idle(self, script: Script) -> None:
        if not script.deferred and script in self.scripts:
            self._end(script)

    def _end(self, script: Script) -> None:
        self.scripts.remove(script)
        for function in script.at_exit:
            function()

    def _perform(self, script: Script, name: str, arguments: tuple[Any, ...]) -> Any:
        module, function = name.split(".")
        if module == "gfx":
            return getattr(self, f"_gfx_{function}")(script, *arguments)
        if hasattr(self.functions, function):
            return getattr(self.functions, function)(*arguments)
        return getattr(self, f"_{function}")(script, *arguments)

    # ---- functions that belong to a script ---------------------------------------------------

    def _defer(self, script: Script, function: Callable[[], None]) -> bool:
        script.deferred.append(function)
        return True

    def _atexit(self, script: Script, function: Callable[[], None]) -> None:
        script.at_exit.append(function)

    def _set_action_options(self, script: Script, flags: int) -> None:
        script.options = flags

    def _new_array(self, _: Script, size: int) -> int:
        assert 0 < size <= 4194304
        return size

    def _ShowMessageBox(self, _: Script, text: str, title: str, kind: int) -> int:  # noqa: N802
        assert title == "DITTO"
        self.boxes.append(text)
        return int(self.answers.pop(0)) if kind in NEEDS_ANSWER else 1

    def _GetUserInputs(  # noqa: N802
        self, _: Script, title: str, count: int, captions: str, values: str
    ) -> Any:
        assert count <= 16
        assert captions.split(",")[count:] == ["extrawidth=260", "separator=\n"]
        assert len(values.split("\n")) == count
        self.asked.append((captions, values))
        answer = self.answers.pop(0) if self.answers else 0
        return (True, answer) if isinstance(answer, str) else (False, "")

    def _ExecProcess(self, _: Script, line: str, timeout: int) -> str | None:  # noqa: N802
        assert timeout == -2, "REAPER would wait"
        words = shlex.split(line)
        assert Path(words[0]).is_absolute(), "REAPER has no PATH"
        environment = {name: value for name, value in os.environ.items() if name != "PATH"}
        environment["PATH"] = "/nowhere"
        self.processes.append(subprocess.Popen(words, env=environment))
        return "0"

    # ---- the window --------------------------------------------------------------------------

    def _gfx_init(self, script: Script, title: str, *_: int) -> int:
        script.window = Window(title, is_open=True)
        return 1

    def _gfx_quit(self, script: Script) -> None:
        script.window.is_open = False

    def _gfx_getchar(self, script: Script) -> int:
        script.window.texts, script.window.spots = [], {}
        return -1 if script.window.is_closed_by_user else 0

    def _gfx_drawstr(self, script: Script, text: str) -> None:
        assert script.window.is_open
        script.window.texts.append(text)
        script.window.spots[text] = (script.gfx["x"] + 1, script.gfx["y"] + 1)

    def _gfx_measurestr(self, _: Script, text: str) -> Any:
        return 7.0 * len(text), 15.0

    def _gfx_rect(self, *_: Any) -> None: ...

    def _gfx_set(self, *_: Any) -> None: ...

    def _gfx_setfont(self, *_: Any) -> int:
        return 1

    def _gfx_update(self, script: Script) -> None:
        assert script.window.is_open
