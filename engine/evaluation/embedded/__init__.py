"""The embedded model judged: is its music what it was told, and is it new?

Read in this order::

    clips                  real clips of the corpus, rendered where missing
    telling                a piece as a prompt; what a model makes of it
    rhythm, harmony        tempo and bar; key
    recognizers            style and instruments, learnt of real clips
    memorization           the distance to training clips
    heard, judge           clips -> what is heard of them -> a line of the table
    seed_ranking           does a faster sampler order seeds as a slower one does?
    footprint, pictures    what the weights weigh; generated beside real clips
    table                  all of these as the model card's table; `__main__` prints it
    continuation           does the continuation of a clip belong to it?
    demos                  a clip of every style, with its picture
"""
