"""Hear DITTO: `python3 installers/try.py [--env DIR]`.

Makes a private environment, installs DITTO, starts its daemon, continues a bundled drum clip and
says where the music and its picture are.
"""

import subprocess
import sys
from pathlib import Path

from environment import ROOT, make_environment, read_arguments, run_script, step

CLIP = ROOT / "installers" / "examples" / "groove.wav"
FOLDER = Path("ditto-first-music")


def main() -> int:
    """Do all of it and return the exit status."""
    arguments = read_arguments("Install DITTO and hear it continue a clip.")
    try:
        FOLDER.mkdir(exist_ok=True)
    except OSError as error:
        sys.exit(
            f"Nothing can be written in {Path.cwd()} ({error.strerror}). "
            "Go to another folder and run this command from there."
        )
    ditto = make_environment(arguments.env).parent / "ditto"
    music, picture = FOLDER / "groove-continued.wav", FOLDER / "groove-continued.png"
    with step(f"continue {CLIP.name} by 3 seconds, which starts the daemon"):
        status = subprocess.run([str(ditto), *continue_clip(music, picture)]).returncode
    if status:
        return status
    print(f"\nYour first music:  {music.absolute()}\nIts picture:       {picture.absolute()}")
    print(f"\nNow yours:         {ditto} outpaint CLIP.wav -o LONGER.wav")
    print(f"End the daemon:    {ditto} stop")
    return 0


def continue_clip(music: Path, picture: Path) -> tuple[str, ...]:
    """Return the words of the command that continues the bundled clip."""
    return ("outpaint", str(CLIP), "-o", str(music), "--seconds", "3", "--plot", str(picture))


if __name__ == "__main__":
    run_script(main)
