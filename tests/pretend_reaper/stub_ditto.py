"""A program that obeys JOB_FOLDERS.md and makes no music: all new samples are 0.25 + seed / 8.

STUB_DITTO says how it behaves: "" is done at once, "patient" waits for the files `cancel`,
`finish` or `go`, "refusing" fails.
"""

# It starts in no time: nothing but the standard library.
import json
import os
import struct
import sys
import time
from array import array
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 30.0


def write(folder: Path, name: str, members: dict[str, object]) -> None:
    """Write a member a line, under another name first."""
    lines = []
    for key, value in members.items():
        if isinstance(value, list):
            text = "[\n" + ",\n".join(map(json.dumps, value)) + "\n]"
        else:
            text = json.dumps(value)
        lines.append(f'"{key}": {text}')
    part = folder / f"{name}.part"
    part.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    part.rename(folder / name)


def wait(folder: Path) -> str:
    """Return the first file that comes of those that say how to go on."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for name in ("cancel", "finish", "go"):
            if (folder / name).exists():
                return name
        time.sleep(0.01)
    return "cancel"


def length_of(asked: dict[str, Any], rate: int, frames: int) -> tuple[int, int]:
    """Return where the new music begins, from the clip's first frame, and how long it is."""
    job = asked["spec"]["job"]
    if job["kind"] == "outpaint":
        new = round(job["seconds"] * rate)
        return (frames, new) if job["side"] == "after" else (-new, new)
    if job["kind"] == "loop":
        return frames, rate
    if job["kind"] == "inpaint":
        first, last = job["regions"][0]["start"], job["regions"][-1]["end"]
    else:
        within = asked.get("within", {"start": 0, "end": frames / rate})
        first, last = within["start"], within["end"]
    return round(first * rate), round(last * rate) - round(first * rate)


def format_of(clip: Path) -> tuple[int, int, int]:
    """Return the channels, the rate and the frames of a file that the scripts have written."""
    with clip.open("rb") as file:
        head = file.read(58)
    channels, rate = struct.unpack_from("<HI", head, 22)
    return channels, rate, struct.unpack_from("<I", head, 54)[0] // (4 * channels)


def as_wav(music: "array[float]", channels: int, rate: int) -> bytes:
    """Return a float file as libsndfile writes them: with chunks around the format."""
    sound = music.tobytes()
    chunks = (
        (b"fmt ", struct.pack("<HHIIHH", 3, channels, rate, 4 * channels * rate, 4 * channels, 32)),
        (b"fact", struct.pack("<I", len(music) // channels)),
        (b"PEAK", bytes(8 + 8 * channels)),
        (b"data", sound),
    )
    body = b"".join(name + struct.pack("<I", len(data)) + data for name, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def main(folder: Path) -> None:
    """Work on one folder."""
    asked = json.loads((folder / "job.json").read_text())
    assert asked["schema"] == "ditto-job/1"
    assert asked["deliver"] == "new"
    spec, how = asked["spec"], os.environ.get("STUB_DITTO", "")
    if (folder / "done.json").exists():
        return
    progress = {"job": "stub", "state": "running", "message": "optimizing", "fraction": 0.5}
    write(folder, "progress.json", {**progress, "pid": os.getpid()})
    if how == "refusing":
        write(folder, "failed.json", {"job": "stub", "code": "REFUSED", "message": 'No "music".'})
        return
    if how == "patient" and wait(folder) == "cancel":
        write(folder, "failed.json", {"job": "stub", "code": "CANCELLED", "message": "Cancelled."})
        return
    channels, rate, clip_frames = format_of(folder / spec["clip"]["path"])
    start, frames = length_of(asked, rate, clip_frames)
    takes = []
    for number in range(spec["takes"]):
        seed, name = spec["seed"] + number, f"result{f'-{number + 1}' if number else ''}.wav"
        music = array("f", [0.25 + seed / 8]) * (frames * channels)
        (folder / name).write_bytes(as_wav(music, channels, rate))
        takes.append({"file": name, "seed": seed})
    write(
        folder,
        "done.json",
        {
            "job": "stub",
            "message": f"{frames / rate:.3f} s of new music",
            "start": start,
            "samples": frames,
            "sample_rate": rate,
            "new_start": start,
            "new_end": start + frames,
            "takes": takes,
        },
    )


if __name__ == "__main__":
    main(Path(sys.argv[2]))
