"""Pure Data without a window, told by TCP what a user would click."""

import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import numpy as np
import soundfile
from installed_host import at_home

PATIENCE = 150.0
REMOTE = """#N canvas 100 100 600 400 12;
#X obj 20 20 netreceive {port};
#X obj 20 50 route ditto file;
#X obj 20 90 ditto clip made;
#X obj 20 140 list prepend send done;
#X obj 120 140 list prepend send fraction;
#X obj 260 140 list prepend send said;
#X obj 20 180 list trim;
#X obj 300 90 soundfiler;
#X obj 460 140 list prepend send frames;
#X obj 20 220 table clip;
#X obj 120 220 table made;
#X obj 220 220 table clip-right;
#X obj 320 220 table made-right;
#X connect 0 0 1 0;
#X connect 1 0 2 0;
#X connect 1 1 7 0;
#X connect 2 0 3 0;
#X connect 2 1 4 0;
#X connect 2 2 5 0;
#X connect 3 0 6 0;
#X connect 4 0 6 0;
#X connect 5 0 6 0;
#X connect 6 0 0 0;
#X connect 7 0 8 0;
#X connect 8 0 6 0;
"""
_ATOM = re.compile(r"(?:\\.|[^\s\\;])+")


class Pd:
    """A patch with [ditto clip made] in it, as a user has it whose home is `home`."""

    def __init__(self, program: str, home: Path, folder: Path, door: int) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        patch = folder / "remote.pd"
        patch.write_text(REMOTE.format(port=port))
        command = [program, "-nogui", "-noaudio", "-stderr", "-r", "44100", "-noprefs", str(patch)]
        self.words = folder / "pd.log"
        with self.words.open("wb") as log:
            self.process = subprocess.Popen(command, stderr=log, stdout=log, env=at_home(home))
        self._socket = self._connected(port)
        self._lines = self._socket.makefile("r", encoding="utf-8", newline="\n")
        self.send("ditto", "port", door)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End it as a crash would."""
        self._lines.close()
        self._socket.close()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def send(self, *words: Any) -> None:
        """Send a message, each word an atom."""
        atoms = (re.sub(r"([\s,;\\$])", r"\\\1", str(word)) for word in words)
        self._socket.sendall((" ".join(atoms) + ";\n").encode())

    def read(self, clip: Path, *arrays: str) -> None:
        """Read the channels of a file into arrays."""
        self.send("file", "read", "-resize", clip, *arrays)
        self.hear("frames")

    def saved(self, path: Path, *arrays: str) -> np.ndarray:
        """Write arrays into a file and return it, a column for each array."""
        self.send("file", "write", "-wave", "-bytes", 4, path, *arrays)
        self.hear("frames")
        return soundfile.read(path, dtype="float32", always_2d=True)[0]

    def hear(self, *wanted: str) -> list[str]:
        """Return the next message that begins with these words, without them."""
        return self.heard_until(*wanted)[-1][len(wanted) :]

    def heard_until(self, *wanted: str) -> list[list[str]]:
        """Return all messages up to the first that begins with these words."""
        heard: list[list[str]] = []
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            atoms = [re.sub(r"\\(.)", r"\1", a) for a in _ATOM.findall(self._lines.readline())]
            heard.append(atoms)
            if atoms[: len(wanted)] == [*wanted]:
                return heard
            assert atoms[:2] != ["said", "failed"], atoms
        raise AssertionError(f"Pd did not say {wanted}, but {heard}")

    def _connected(self, port: int) -> socket.socket:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, self.words.read_text()
                time.sleep(0.05)
