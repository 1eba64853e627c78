"""DITTO: steer a frozen text-to-music diffusion model by optimizing its initial noise.

Read in this order::

    shapes       the axes of every tensor, named once
    models       prompt -> conditioning, audio <-> latents, noisy latents -> clean latents
    sampler      x_T -> x_0           one differentiable pass through the model
    objectives   x_0 -> loss          what the music should have
    optimizer    change x_T until the loss is small
    requests     what can be asked for; validation says what cannot
    analysis     clip -> tempo, downbeat and key
    layout       clip and request -> where the new material goes
    windows      new material -> the stretches of audio the model works on, in order
    canvas       the timeline as the model hears it, filled window by window
    assembly     new material back into the clip, bit-identical outside, without a click
    tasks        all of the above, wired for one musical job each
    training     how the model that ships was made

Nothing here knows about sockets, jobs or DAWs; that is `bridge`. The paper is Novack et al.,
"DITTO: Diffusion Inference-Time T-Optimization for Music Generation", ICML 2024.
"""
