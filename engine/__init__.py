"""DITTO: steer a frozen text-to-music diffusion model by optimizing its initial noise.

Read in this order; what stands in one line belongs together::

    shapes spans rate errors        axes of tensors, stretches of time, sample rates, refusals
    noise_schedule models           prompt -> conditioning, audio <-> latents, x_t -> x_0
    sampler windowed_decode         x_T -> x_0 -> audio, differentiable all the way
    features listening              audio or x_0 -> curves and matrices: what is measured
    objectives references           x_0 -> loss: what the music should have, or a recording shows
    weighting optimizer surrogate checkpoint    change x_T until the losses are small; as tensors
    memory_limits device activation_memory frugality    memory: free, taken, done with less
    controls requests results       what can be asked for, what comes back
    quality validation              how long to search; what cannot be done, and why
    tempo beat_candidates heard_beat key bars analysis      clip -> tempo, downbeat, key; its bars
    layout windows                  where new material goes; the stretches it is made in
    matching seams canvas           the timeline as the model hears it, filled window by window
    repetition assembly             new material back into the clip, bit-identical outside
    job validation_of_controls preparation      a request becomes a job
    timeline forms targets          controls on the timeline -> objectives of a window
    player window_job inversion_job one window: its music, its losses; the clip's own noise
    steps task_state reports measurements tasks     all of it, wired; resumed after a crash
    baselines evaluation training   what DITTO is compared with; how good it is; how its model came

Nothing here knows about sockets, jobs or DAWs; that is `bridge`. The paper is Novack et al.,
"DITTO: Diffusion Inference-Time T-Optimization for Music Generation", ICML 2024.
"""
