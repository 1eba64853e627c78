"""Make a loop of each clip and print how it goes: python many_loops.py kick.wav keys.wav."""

import sys

import soundfile

from plugin_protocol.making import connect, make, tell
from plugin_protocol.values import Loop

with connect("many-loops") as client:
    for path in sys.argv[1:]:
        samples, rate = soundfile.read(path, dtype="float32")
        loop = make(client, Loop(), clip=samples.T, sample_rate=rate, on_event=tell)
        soundfile.write(f"{path}.loop.wav", loop.takes[0].T, rate, subtype="FLOAT")
