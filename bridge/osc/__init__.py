"""The OSC door: music for patches and languages that speak OSC and read sound files.

What may be said to it, and what it answers, is written down in plugin_protocol/OSC.md. Every
request becomes a job folder (`bridge.folders`), so that nothing is lost when anybody dies. Read in
this order::

    packets    bytes <-> messages: OSC, under hard limits
    senders    whose program a packet came from
    grounds    the one folder in which files are read and written
    words      the words of a request, key by key
    orders     words -> a checked request, as the command line would make it
    errands    one request as a job folder: written, made again, delivered
    desk       what is done about each message, and about each open errand
    door       the socket
"""
