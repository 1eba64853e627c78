"""DITTO's scripts in other programs: put there, looked after, and taken away again.

Read in this order::

    host         what plugin_protocol/hosts/hosts.toml says of each host
    programs     is a program here, and which version?
    command      the `ditto` that runs, which the scripts shall start
    parcel       a host's files -> what is to lie where
    receipt      what was put where, as it was
    putting      install and remove, one step at a time
    preparations what a host's own settings need (ardour_slots, audacity_modules)
    examination  is it there, whole, current, and able to work?
"""
