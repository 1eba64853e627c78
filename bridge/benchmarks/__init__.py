"""What the daemon survives and what it costs: `ditto bench bridge`, on daemons of its own.

Read in this order::

    suite            all of it, one section after the other, briefly or at length
    table            what was measured beside what is wanted, as Markdown
    trial            a daemon in a temporary folder, to be used, killed and started again
      trial_daemon   its process
      counting_worker  its worker: no engine, but slow, resumable, exact, and it keeps a ledger
      process        what the system says about a process
    kills            kill -9 of daemon and worker while clients want their music
    fuzz, mutations  nonsense of every kind, with a good client in between
    attacks          who wants to get in (strangers: the bytes they send)
    transfers, echo  audio there and back, beside the socket alone
    full_disk        a disk that fills up while jobs are under way
    promptness       how soon pings, cancels and a new daemon are there (uploader)
    crowd            the memory that sixteen clients take
    soak, restless   clients that come, work and die, for as long as one likes
"""
