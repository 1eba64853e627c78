"""How the embedded model was made, as one resumable command: `python -m engine.training`.

Read in this order::

    corpus      our own music: composed, captioned, rendered
    features    seeds -> log-mel features on disk
    codec       features -> principal components -> latents
    examples, known_frames, draws   latents and pieces -> batches, parts of what is said dropped
    course      which batches when: windows of 6 s, then of 12 s as well
    loop, saved_state, hardware     AdamW, EMA, a budget in minutes or steps, resumable
    progress, log           how far it is; the losses and their picture
    denoiser, warm_start    velocity prediction; from fresh or existing weights
    student     four steps, two or one with guidance baked in
    vocoder     features -> magnitudes and how phases turn, so that they can be played
    export      fp16 safetensors in the folder that ships
    plan, throughput        what a run makes and may spend, on two cores or on a GPU
    stages      all of these in their order

Stages write into one working folder and go on from what they find there.
"""
