"""Hear DITTO: `python3 installers/try.py [--env DIR]`.

Makes a private environment, installs DITTO, starts its daemon, continues a bundled drum clip and
says where the music and its picture are.
"""

import subprocess
import sys
from pathlib import Path

from environment import ROOT, make_environment, read_arguments, step

CLIP = ROOT / "installers" / "examples" / "groove.wav"
FOLDER = Path("ditto-first-music")


def main() -> int:
    """Do all of it and return the exit status."""
    arguments = read_arguments("Install DITTO and hear it continue a clip.")
    python = make_environment(arguments.env)
    ditto = python.parent / "ditto"
    FOLDER.mkdir(exist_ok=True)
    music, picture = FOLDER / "groove-continued.wav", FOLDER / "groove-continued.png"
    with step("start the daemon"):
        status = run(python, "-c", "from bridge.launch import ensure_daemon; ensure_daemon()")
    if status:
        return status
    with step(f"continue {CLIP.name} by 3 seconds"):
        status = run(ditto, *continue_clip(music, picture))
    if status:
        return status
    print(f"\nYour first music:  {music.absolute()}\nIts picture:       {picture.absolute()}")
    print(f"\nNow yours:         {ditto} outpaint CLIP.wav -o LONGER.wav")
    print(f"End the daemon:    {ditto} stop")
    return 0


def continue_clip(music: Path, picture: Path) -> tuple[str, ...]:
    """Return the words of the command that continues the bundled clip."""
    return ("outpaint", str(CLIP), "-o", str(music), "--seconds", "3", "--plot", str(picture))


def run(program: Path, *words: str) -> int:
    """Run a program of the environment and return its exit status."""
    return subprocess.run([str(program), *words]).returncode


if __name__ == "__main__":
    sys.exit(main())
