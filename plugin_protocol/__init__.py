"""What a client of the daemon needs: the written protocol, its messages and a client.

Read in this order::

    PROTOCOL.md   the wire, in words
    values        audio, tasks and results: what travels inside messages, with its limits
    messages      every message as a typed struct
    framing       structs <-> frames, with hard limits
    connection    where the running daemon listens
    link          one greeted connection
    transfer      blobs up and down
    client        a blocking client made of these

Relative imports only, no torch: the folder works when copied under another name.
"""
