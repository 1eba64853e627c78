"""DawDreamer in a process of its own: `python daw.py PLUGIN RATE BLOCK FOLDER`, steps on stdin.

Steps are a JSON list: ["tempo", BPM], ["knob", NAME, VALUE of 0…1], ["automate", NAME, START, END],
which holds a knob down between two samples, ["render", SAMPLES, NAME], ["await", KNOB, TEXT],
["save", NAME], ["load", NAME]. The track is FOLDER/track.npy; what is rendered becomes NAME.npy.
Each render begins at the beginning of the timeline.
"""

import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import dawdreamer
import numpy as np

PATIENCE = 120
"""Seconds."""


def main(plugin: str, rate: int, block: int, folder: Path) -> None:
    engine = dawdreamer.RenderEngine(rate, block)
    track = engine.make_playback_processor("track", np.load(folder / "track.npy"))
    ditto = engine.make_plugin_processor("ditto", plugin)
    engine.load_graph([(track, []), (ditto, ["track"])])
    knobs = {ditto.get_parameter_name(i): i for i in range(ditto.get_plugin_parameter_size())}

    def carry_out(step: str, *words: Any) -> None:
        match step, words:
            case "tempo", (bpm,):
                engine.set_bpm(bpm)
            case "knob", (name, value):
                ditto.set_parameter(knobs[name], value)
            case "automate", (name, start, end):
                held = np.zeros(end + block, np.float32)
                held[start:end] = 1
                ditto.set_automation(knobs[name], held)
            case "render", (samples, name):
                engine.render(samples / rate)
                np.save(folder / name, engine.get_audio()[:, :samples])
            case "await", (name, text):
                deadline = time.monotonic() + PATIENCE
                while ditto.get_parameter_text(knobs[name]) != text:
                    assert time.monotonic() < deadline, ditto.get_parameter_text(knobs[name])
                    time.sleep(0.02)
                    engine.render(block / rate)
            case "save", (name,):
                ditto.save_state(str(folder / name))
            case "load", (name,):
                # It loads it, and then it looks for a window to show it in.
                with contextlib.suppress(RuntimeError):
                    ditto.load_state(str(folder / name))

    for step in json.load(sys.stdin):
        carry_out(*step)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
