"""x_T -> x_0: noise schedules are values, steps are functions, randomness is an argument.

Read in this order::

    ode            one deterministic step, DDIM and rectified-flow Euler alike, and DPM-Solver++(2M)
    sample         the chain of steps from x_T to x_0, differentiable in x_T
    checkpointing  what the backward pass stores and what it computes again
    inversion      the chain backwards, x_0 -> x_T: the noise in which the model hears music
    stochastic     steps that add fresh noise, and why DITTO must not use them by default

Traps that cost others their gradients, all silent:

* a scheduler that counts its own steps counts them again when a step is recomputed;
* a closure over the loop's timestep is recomputed with the *last* timestep (DDIM: 97 % wrong);
* guidance momentum kept in an attribute is applied twice (9 % wrong).

Hence: no state here but arguments.
"""
