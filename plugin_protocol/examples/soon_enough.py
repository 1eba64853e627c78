"""Make a crescendo and be content with what five iterations find: python soon_enough.py."""

import soundfile

from plugin_protocol.making import connect, make
from plugin_protocol.values import Generate, Intensity

with connect("soon-enough") as client:
    louder = Intensity(points=((0.0, -40.0), (4.0, -10.0)))
    music = make(client, Generate(seconds=4), louder, enough=lambda now: now.step >= 5)
soundfile.write("crescendo.wav", music.takes[0].T, music.sample_rate)
