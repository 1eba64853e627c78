"""Ten styles as tables: tempo, harmony, instruments and habits. Instruments are GM programs."""

from dataclasses import dataclass

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}


@dataclass(frozen=True)
class Style:
    """How a style is composed.

    `progressions` are scale degrees from 0, one chord per bar; `voices` the possible chord sizes
    (0: a power chord). `swing` delays every second sixteenth (eighth in jazz) by that share of
    its length. `kit` is the GM drum kit, None for styles without drums.
    """

    bpm: tuple[int, int]
    modes: tuple[str, ...]
    progressions: tuple[tuple[int, ...], ...]
    voices: tuple[int, ...]
    bass: tuple[int, ...]
    chords: tuple[int, ...]
    lead: tuple[int, ...]
    pad: tuple[int, ...]
    kit: int | None
    moods: tuple[str, ...]
    swing: float = 0.0


STYLES = {
    "ambient": Style(
        bpm=(60, 84), modes=("major", "minor", "dorian"),
        progressions=((0, 3, 0, 4), (0, 5, 3, 0), (0, 2, 5, 3)), voices=(3, 4),
        bass=(39, 43), chords=(89, 88, 94), lead=(98, 92, 11, 46), pad=(89, 91, 95, 88),
        kit=None, moods=("calm", "dreamy", "ethereal", "meditative", "floating"),
    ),
    "chiptune": Style(
        bpm=(120, 170), modes=("major", "minor"),
        progressions=((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3)), voices=(3,),
        bass=(38,), chords=(80,), lead=(80,), pad=(), kit=24,
        moods=("playful", "retro", "bouncy", "frantic", "cheerful"),
    ),
    "folk": Style(
        bpm=(84, 124), modes=("major", "mixolydian"),
        progressions=((0, 3, 4, 0), (0, 4, 5, 3), (0, 3, 0, 4)), voices=(3,),
        bass=(32,), chords=(24, 25), lead=(73, 22, 110, 105, 21), pad=(), kit=None,
        moods=("warm", "gentle", "rustic", "nostalgic", "intimate"),
    ),
    "funk": Style(
        bpm=(96, 116), modes=("dorian", "mixolydian"),
        progressions=((0, 0, 3, 3), (0, 3, 0, 4), (0, 0, 0, 6)), voices=(4, 5),
        bass=(36, 37, 33), chords=(28, 7, 4), lead=(61, 65, 56), pad=(18,), kit=0,
        moods=("tight", "upbeat", "groovy", "sassy", "greasy"), swing=0.1,
    ),
    "hip hop": Style(
        bpm=(78, 98), modes=("minor", "dorian"),
        progressions=((0, 5, 3, 4), (0, 3, 0, 4), (0, 6, 5, 4)), voices=(3, 4),
        bass=(38, 33, 35), chords=(4, 0, 11, 26), lead=(73, 56, 11, 104), pad=(48, 52), kit=25,
        moods=("laid-back", "gritty", "chill", "moody", "dusty"), swing=0.18,
    ),
    "house": Style(
        bpm=(118, 128), modes=("minor", "dorian"),
        progressions=((0, 5, 2, 6), (0, 3, 5, 4), (0, 0, 5, 6), (0, 6, 5, 6)), voices=(3, 4),
        bass=(38, 39, 87), chords=(4, 5, 62, 90), lead=(80, 81, 84, 11), pad=(89, 91, 94), kit=24,
        moods=("groovy", "uplifting", "deep", "upbeat", "sunny"),
    ),
    "jazz": Style(
        bpm=(92, 180), modes=("major", "dorian"),
        progressions=((1, 4, 0, 0), (1, 4, 0, 5), (0, 5, 1, 4), (2, 5, 1, 4)), voices=(4, 5),
        bass=(32,), chords=(0, 26), lead=(66, 56, 11, 0, 26), pad=(), kit=32,
        moods=("smooth", "swinging", "mellow", "sophisticated", "late-night"), swing=0.33,
    ),
    "orchestral": Style(
        bpm=(70, 130), modes=("major", "minor"),
        progressions=((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3)), voices=(3,),
        bass=(43, 58), chords=(48, 49, 44), lead=(40, 73, 60, 68, 56), pad=(48, 61), kit=48,
        moods=("epic", "majestic", "emotional", "heroic", "suspenseful"),
    ),
    "rock": Style(
        bpm=(100, 150), modes=("major", "mixolydian", "minor"),
        progressions=((0, 4, 5, 3), (0, 3, 4, 4), (0, 6, 3, 0), (5, 3, 0, 4)), voices=(0,),
        bass=(33, 34), chords=(29, 30), lead=(29, 30, 27), pad=(18, 48), kit=16,
        moods=("energetic", "powerful", "loud", "raw", "anthemic"),
    ),
    "techno": Style(
        bpm=(126, 140), modes=("minor",),
        progressions=((0, 0, 0, 0), (0, 0, 5, 5), (0, 0, 0, 6)), voices=(1, 2, 3),
        bass=(38, 39), chords=(62, 90, 81), lead=(81, 84, 87), pad=(95, 92), kit=25,
        moods=("dark", "driving", "hypnotic", "industrial", "relentless"),
    ),
}  # fmt: skip

INSTRUMENT_NAMES = {
    0: "piano", 4: "electric piano", 5: "electric piano", 7: "clavinet", 11: "vibraphone",
    18: "organ", 21: "accordion", 22: "harmonica", 24: "acoustic guitar", 25: "acoustic guitar",
    26: "electric guitar", 27: "electric guitar", 28: "electric guitar", 29: "overdriven guitar",
    30: "overdriven guitar", 32: "upright bass", 33: "electric bass", 34: "electric bass",
    35: "electric bass", 36: "slap bass", 37: "slap bass", 38: "synth bass", 39: "synth bass",
    40: "violin", 43: "upright bass", 44: "strings", 46: "harp", 48: "strings", 49: "strings",
    52: "choir", 56: "trumpet", 58: "tuba", 60: "horn", 61: "brass", 62: "brass",
    65: "saxophone", 66: "saxophone", 68: "oboe", 73: "flute", 80: "square lead",
    81: "synth lead", 84: "synth lead", 87: "synth lead", 88: "pad", 89: "pad", 90: "pad",
    91: "choir", 92: "pad", 94: "pad", 95: "pad", 98: "bell", 104: "sitar", 105: "banjo",
    110: "fiddle",
}  # fmt: skip
