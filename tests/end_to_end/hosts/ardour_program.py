"""A real Ardour with a screen, a home and a session of its own, and a hook that does as told."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bridge.hosts.ardour_slots import assign, slots_in
from tests.end_to_end.conftest import Ditto
from tests.hosts import host_program

HERE = Path(__file__).parent / "ardour"
RATE = 44100
_CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<Ardour><Config>
<Option name="try-autostart-engine" value="1"/><Option name="hide-dummy-backend" value="0"/>
</Config><Extra><AudioMIDISetup><EngineStates>
<State backend="None (Dummy)" driver="Normal Speed" device="Silence" input-device=""
 output-device="" sample-rate="44100" buffer-size="1024" n-periods="0" input-latency="0"
 output-latency="0" lm-input="" lm-output="" active="1" use-buffered-io="0"
 midi-option="1 in, 1 out, Silence" lru="1"><MIDIDevices/></State>
</EngineStates></AudioMIDISetup></Extra></Ardour>
"""
# LuaTimerDS: the hook that does as told is called ten times a second.
_TEN_TIMES = "1" + "0" * 47


@dataclass(frozen=True)
class Region:
    """A region of a track, in samples of the timeline."""

    name: str
    start: int
    length: int
    layer: int


@dataclass
class Ardour:
    """One session, in Ardour or on disk. `folder` holds all that it writes."""

    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    slots: dict[str, int] = field(default_factory=dict)

    @property
    def session(self) -> Path:
        """Return the session's folder."""
        return self.folder / "song"

    @property
    def jobs(self) -> Path:
        """Return where job folders are kept."""
        return self.session / "ditto"

    def start(self) -> None:
        """Open the session in Ardour."""
        command = ["ardour", "-n", "-a", "-d", "-P", str(self.session / "song.ardour")]
        with (self.folder / "ardour.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """End Ardour as a crash would."""
        assert self.process
        self.process.kill()
        self.process.wait(timeout=10)
        # Not answered, and not to be done by the next one.
        (self.folder / "driver" / "ask.lua").unlink(missing_ok=True)
        # Else Ardour asks first whether to recover what it saved by itself.
        (self.session / "song.pending").unlink(missing_ok=True)

    def ask(self, lua: str) -> list[list[str]]:
        """Run Lua in Ardour's window; return what it tells, line by line and word by word."""
        answer = self.folder / "driver" / "answer"
        answer.unlink(missing_ok=True)
        part = answer.with_name("ask.part")
        part.write_text(f"local tell, each = ...\n{lua}")
        part.rename(answer.with_name("ask.lua"))
        wait_until(answer.exists, "Ardour to do as told", self.folder)
        lines = [line.split("\t") for line in answer.read_text().splitlines()]
        assert not [line for line in lines if line[0] == "FAILED"], lines
        return lines

    def press(self, action: str) -> None:
        """Press an action of the menu, by its name."""
        self.ask(f'Editor:access_action ("LuaAction", "script-{self.slots[action]}")')

    def press_and_answer(self, action: str, key: str) -> None:
        """Press an action that opens a dialog, and close that with a key."""
        answer = self.folder / "driver" / "answer"
        answer.unlink(missing_ok=True)
        part = answer.with_name("ask.part")
        part.write_text(f'Editor:access_action ("LuaAction", "script-{self.slots[action]}")')
        part.rename(answer.with_name("ask.lua"))
        wait_until(self.dialog, "a dialog", self.folder)
        self.key(key)
        wait_until(answer.exists, "the dialog to go", self.folder)

    def select_range(self, track: str, start: int, end: int) -> None:
        """Select a range on one track."""
        self.ask(
            f"""
            local function is_selected ()
              for route in each (Editor:get_selection ().tracks:routelist ()) do
                return route:name () == "{track}"
              end
            end
            Editor:get_selection ():clear ()
            while not is_selected () do
              Editor:access_action ("Editor", "select-next-stripable")
            end
            Editor:set_loop_range (Temporal.timepos_t ({start}), Temporal.timepos_t ({end}), "")
            Editor:access_action ("Editor", "select-loop-range")
            """
        )

    def select_region(self, track: str) -> None:
        """Select the clip that was imported into a track."""
        self.ask(
            f"""
            local track = Session:route_by_name ("{track}"):to_track ()
            for region in each (track:playlist ():region_list ()) do
              if region:name ():match ("^groove") then
                local list = ArdourUI.SelectionList ()
                list:push_back (Editor:regionview_from_region (region))
                Editor:set_selection (list, ArdourUI.SelectionOp.Set)
              end
            end
            """
        )

    def regions(self, track: str) -> list[Region]:
        """Return what is on the track now, the lowest layer first."""
        lines = self.ask(
            f"""
            local track = Session:route_by_name ("{track}"):to_track ()
            for region in each (track:playlist ():region_list ()) do
              tell (region:name (), region:position ():samples (), region:length ():samples (),
                region:layer ())
            end
            """
        )
        found = [Region(name, int(at), int(long), int(layer)) for name, at, long, layer in lines]
        return sorted(found, key=lambda region: region.layer)

    def playlists(self, track: str) -> list[str]:
        """Return the names of all playlists of the track."""
        lines = self.ask(
            f"""
            local track = Session:route_by_name ("{track}"):to_track ()
            for list in each (Session:playlists ():playlists_for_track (track)) do
              tell (list:name ())
            end
            """
        )
        return [line[0] for line in lines]

    def markers(self) -> list[str]:
        """Return the names of all markers and ranges."""
        lua = "for mark in each (Session:locations ():list ()) do tell (mark:name ()) end"
        return [line[0] for line in self.ask(lua)]

    def dialog(self) -> bool:
        """Return whether DITTO shows a message."""
        command = ["xdotool", "search", "--onlyvisible", "--name", "^DITTO$"]
        return (
            subprocess.run(
                command, env=self.environment, capture_output=True, timeout=10
            ).returncode
            == 0
        )

    def key(self, name: str) -> None:
        """Press a key in the window that has the focus."""
        subprocess.run(["xdotool", "key", name], env=self.environment, check=True, timeout=10)

    def settings(self, **values: object) -> None:
        """Have the session remember these settings, and no others."""
        self.jobs.mkdir(exist_ok=True)
        lines = [f"{name}={value}\n" for name, value in values.items()]
        (self.jobs / "settings").write_text("".join(lines))

    def job(self) -> Path:
        """Return the newest job's folder."""
        return self.jobs / (self.jobs / "last").read_text()

    def save(self) -> None:
        """Save the session."""
        self.ask('Session:save_state ("", false, false, false, false, false)')

    def read(self, samples: int) -> tuple[list[list[str]], dict[str, np.ndarray]]:
        """Return the saved session as Ardour without a window reads it, and what tracks play."""
        lines = self.lua("read_session.lua", self.session, samples)
        played = {
            file.stem: np.fromfile(file, "<f4").reshape(2, samples).T
            for file in self.session.glob("*.f32")
        }
        return [line.split("\t") for line in lines], played

    def lua(self, script: str, *arguments: object) -> list[str]:
        """Run a script in Ardour's Lua without a window and return the lines it prints."""
        command = ["ardour7-lua", str(HERE / script), *map(str, arguments)]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60, check=True
        )
        lines = (done.stdout + done.stderr).splitlines()
        assert not [line for line in lines if line.startswith("Error: ")], lines
        return done.stdout.splitlines()


def wait_until(fact: Callable[[], bool], what: str, folder: Path, seconds: float = 60) -> None:
    """Return once it is so; fails, with a picture of the screen in `folder`, if it never is."""
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            display = (folder / "display").read_text().strip()
            picture = Path(tempfile.gettempdir()) / "ditto-ardour.png"
            subprocess.run(
                ["import", "-display", f":{display}", "-window", "root", picture], timeout=20
            )
            raise AssertionError(f"waited {seconds:g} s for {what}; the screen is in {picture}")
        time.sleep(0.1)


@contextmanager
def screen(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Yield the display of a screen that nobody else uses."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as numbers:
            number = numbers.readline().strip()
        (folder / "display").write_text(number)
        with_display = environment | {"DISPLAY": f":{number}"}
        manager = subprocess.Popen(["openbox"], env=with_display, stderr=subprocess.DEVNULL)
        try:
            yield f":{number}"
        finally:
            manager.terminate()
            manager.wait(timeout=10)
    finally:
        server.terminate()
        server.wait(timeout=10)


@contextmanager
def installed(folder: Path, ditto: Ditto, tracks: list[str]) -> Iterator[Ardour]:
    """Yield an Ardour that DITTO was installed into, with a session of these empty tracks."""
    for program in ("ardour", "ardour7-lua", "Xvfb", "openbox", "xdotool", "import"):
        host_program(program)
    config = folder / "home" / ".config" / "ardour7"
    config.mkdir(parents=True)
    (folder / "driver").mkdir()
    # Without it a first start asks where the sessions shall be.
    (config / ".a7").touch()
    (config / "config").write_text(_CONFIG)
    own = {"HOME": str(folder / "home"), "XDG_RUNTIME_DIR": str(folder), "LC_ALL": "C.UTF-8"}
    inherited = {name: value for name, value in ditto.environment.items() if "XDG" not in name}
    environment = inherited | own | {"DITTO_TEST_DRIVER": str(folder / "driver")}
    command = folder / "ditto"
    command.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "from bridge.cli import main; main()" "$@"\n'
    )
    command.chmod(0o755)
    environment["DITTO_COMMAND"] = str(command)
    subprocess.run([command, "hosts", "install", "ardour"], env=environment, check=True, timeout=60)
    assign(config / "ui_scripts", [], HERE / "driver.lua")
    slots = config / "ui_scripts"
    slots.write_text(
        re.sub(r'(Test driver" signals=")\d+', rf"\g<1>{_TEN_TIMES}", slots.read_text())
    )
    with screen(folder, environment) as display:
        ardour = Ardour(folder, environment | {"DISPLAY": display})
        ardour.slots = {name: slot for slot, name in slots_in(slots).items()}
        ardour.lua("make_session.lua", ardour.session, RATE, *tracks)
        try:
            yield ardour
        finally:
            if ardour.process and ardour.process.poll() is None:
                ardour.kill()
