"""What a client of the daemon needs: the written protocol, its messages and a client.

Read in this order::

    PROTOCOL.md   the wire, in words
    parts         bounded numbers and texts, audio in blobs, stretches of time
    controls      what new music shall have beside its prompt
    values        tasks and results: what travels inside messages, with its limits
    rules         what a task must be beyond its type, said all at once
    messages      every message as a typed struct (requests; replies, reports)
    options       what may be said beside what is to be made
    framing       structs <-> frames, with hard limits
    schema        the same as JSON Schema, for other languages (schema.json)
    connection    where the running daemon listens (starting: or start one)
    link          one greeted connection
    transfer      blobs up and down
    conversation  questions and answers that survive the daemon (backoff)
    client        a blocking client made of these (identity)
    async_client  the same for asyncio (async_link, async_transfer, async_conversation, mailbox)
    arrays        audio as NumPy arrays, where NumPy is there
    making        from arrays to arrays in one call, for scripts (see examples)
    thin_client   another one in a file of its own, for hosts that have only Python and msgpack
    JOB_FOLDERS.md, OSC.md   two ways in for hosts without ZeroMQ: files, and OSC messages
    hosts         our scripts in REAPER, Ardour, Audacity, Pure Data and SuperCollider
    plugin        VST3, CLAP and LV2, with the client in C++

Relative imports only, no torch: the folder works when copied under another name.
"""
