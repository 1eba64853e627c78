"""Many requests: a file of them, or a folder in which clips appear.

Read in this order::

    window       requests -> outcomes, in order, some ahead of the one that is waited for
    made_before  what need not be made again
    lines        a file of requests -> checked requests, all errors told at once
    batch        `ditto batch`
    arrivals     clips that have fully arrived in a folder
    watching     `ditto watch-folder`
"""
