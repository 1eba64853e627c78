"""Continue a clip by four seconds: python continue_clip.py verse.wav longer.wav."""

import sys

import soundfile

from plugin_protocol.making import connect, make
from plugin_protocol.values import Outpaint

samples, rate = soundfile.read(sys.argv[1], dtype="float32")
with connect("continue-clip") as client:
    longer = make(client, Outpaint(seconds=4), clip=samples.T, sample_rate=rate)
soundfile.write(sys.argv[2], longer.takes[0].T, rate, subtype="FLOAT")
