"""How well it works: metrics, and benchmarks that print them as tables.

seams          is there a click where new material meets old?
cohesion       does the new material belong to the clip?
painting       both of these and the loss, for every task on the example clips
music_metrics  tempogram and level of clips, the distance of two sets of clips
embedded       the model card's table: does the music do what it was told, and is it new?
likeness       how far audio is from the clip it should sound like
vocoder        the codec's decoder beside Griffin-Lim, by likeness
controls       every control of the paper against its target, as one table; it is made of

    control_targets control_clips       what is asked for, and around which music
    control_measures style_recognizer   what librosa hears in the audio; which style it is in
    control_runs control_cases          a row of the table; the rows of each control
    control_combinations                two objectives at once
    controls_figure                     one example of three controls, as a picture

core_speed     memory and time of an iteration, on a real model or an untrained_model
against_paper  the paper's recipe beside DITTO-2: seconds per job and control reached
speed          an iteration lever by lever, of a real model or one of a real_size
"""
