"""Eighteen styles as tables: tempo, harmony, instruments and habits.

Instruments are GM programs, and from 128 on those of our own synthesizer (`synthesis`).
"""

from dataclasses import dataclass

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
}
SUB_BASS, SAW_BASS, SUPERSAW, PULSE_LEAD, SAW_LEAD = 128, 129, 130, 131, 132


@dataclass(frozen=True)
class Style:
    """How a style is composed.

    `modes` may name one more than once: it is drawn more often. `progressions` are scale degrees
    from 0, one chord per bar. `voices` are the possible chord sizes (2: a power chord). `swing`
    delays the second of each two `swing_unit` (1: sixteenths, 2: eighths) by that share of its
    length. `kit` is the GM drum kit, None for styles without drums. `always` are the roles without
    which the style is not itself. `busy` is how densely the lead plays, `pump` how far (0 to 1)
    chords and pads duck under the kick, `doubled` whether chords are played twice, left and right.
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
    always: tuple[str, ...]
    swing: float = 0.0
    swing_unit: int = 1
    busy: float = 0.5
    pump: float = 0.0
    doubled: bool = False
    room: tuple[float, float] = (0.02, 0.2)


STYLES = {
    "ambient": Style(
        bpm=(60, 84), modes=("major", "minor", "minor"),
        progressions=((0, 3, 0, 4), (0, 5, 3, 0), (0, 2, 5, 3)), voices=(3, 4),
        bass=(39, 43), chords=(89, 88, 94, SUPERSAW), lead=(98, 92, 11, 46), pad=(89, 91, 95, 88),
        kit=None, moods=("calm", "dreamy", "ethereal", "meditative", "floating"),
        always=("chords", "pad"), busy=0.15, room=(0.25, 0.5),
    ),
    "blues": Style(
        bpm=(72, 118), modes=("mixolydian", "mixolydian", "minor"),
        progressions=((0, 3, 0, 0), (0, 0, 3, 0), (4, 3, 0, 4)), voices=(3,),
        bass=(33, 32), chords=(26, 0, 16), lead=(27, 22, 26, 66), pad=(), kit=0,
        moods=("soulful", "smoky", "weary", "gritty", "down-home"),
        always=("bass", "chords", "drums"), swing=1 / 3, swing_unit=2, busy=0.5,
    ),
    "bossa nova": Style(
        bpm=(112, 144), modes=("major", "major", "minor"),
        progressions=((0, 1, 4, 0), (1, 4, 0, 5), (0, 5, 1, 4)), voices=(4,),
        bass=(32,), chords=(24,), lead=(73, 66, 11, 0), pad=(48,), kit=32,
        moods=("breezy", "relaxed", "sunny", "intimate", "tropical"),
        always=("bass", "chords", "drums"), busy=0.4,
    ),
    "chiptune": Style(
        bpm=(120, 170), modes=("major", "minor"),
        progressions=((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3)), voices=(3,),
        bass=(38, PULSE_LEAD), chords=(80, PULSE_LEAD), lead=(80, PULSE_LEAD), pad=(), kit=24,
        moods=("playful", "retro", "bouncy", "frantic", "cheerful"),
        always=("chords", "drums"), busy=0.8,
    ),
    "disco": Style(
        bpm=(110, 126), modes=("minor", "minor", "major", "dorian"),
        progressions=((0, 3, 4, 0), (0, 5, 3, 4), (1, 4, 0, 5)), voices=(3, 4),
        bass=(33, 36), chords=(28, 4, 0), lead=(48, 61, 56), pad=(48, 50), kit=8,
        moods=("glamorous", "danceable", "glittering", "euphoric", "sassy"),
        always=("bass", "chords", "drums"), busy=0.45,
    ),
    "drum and bass": Style(
        bpm=(168, 176), modes=("minor",),
        progressions=((0, 0, 5, 5), (0, 5, 3, 4), (0, 0, 6, 5)), voices=(3, 4),
        bass=(SAW_BASS, SUB_BASS), chords=(4, 88, SUPERSAW), lead=(81, 11, SAW_LEAD),
        pad=(89, 95, SUPERSAW), kit=24,
        moods=("rolling", "liquid", "frenetic", "dark", "rushing"),
        always=("bass", "drums"), busy=0.3, room=(0.05, 0.2),
    ),
    "folk": Style(
        bpm=(84, 124), modes=("major", "major", "mixolydian"),
        progressions=((0, 3, 4, 0), (0, 4, 5, 3), (0, 3, 0, 4)), voices=(3,),
        bass=(32,), chords=(24, 25), lead=(73, 22, 110, 105, 21), pad=(), kit=None,
        moods=("warm", "gentle", "rustic", "nostalgic", "intimate"),
        always=("chords",), busy=0.45,
    ),
    "funk": Style(
        bpm=(94, 114), modes=("dorian", "mixolydian", "minor"),
        progressions=((0, 0, 3, 3), (0, 3, 0, 4), (0, 0, 0, 6)), voices=(4,),
        bass=(36, 37, 33), chords=(28, 7, 4), lead=(61, 65, 56), pad=(18,), kit=0,
        moods=("tight", "upbeat", "groovy", "sassy", "greasy"),
        always=("bass", "chords", "drums"), swing=0.1, busy=0.5,
    ),
    "hip hop": Style(
        bpm=(78, 98), modes=("minor", "minor", "dorian"),
        progressions=((0, 5, 3, 4), (0, 3, 0, 4), (0, 6, 5, 4)), voices=(3, 4),
        bass=(38, 33, 35), chords=(4, 0, 11, 26), lead=(73, 56, 11, 104), pad=(48, 52), kit=8,
        moods=("laid-back", "gritty", "chill", "moody", "dusty"),
        always=("chords", "drums"), swing=0.18, busy=0.35,
    ),
    "house": Style(
        bpm=(118, 128), modes=("minor", "minor", "dorian"),
        progressions=((0, 5, 2, 6), (0, 3, 5, 4), (0, 0, 5, 6), (0, 6, 5, 6)), voices=(3, 4),
        bass=(38, 39, 87, SAW_BASS), chords=(4, 5, 62, 90, SUPERSAW), lead=(80, 81, 84, 11),
        pad=(89, 91, 94), kit=24, moods=("groovy", "uplifting", "deep", "upbeat", "sunny"),
        always=("chords", "drums"), busy=0.4, pump=0.6,
    ),
    "jazz": Style(
        bpm=(92, 180), modes=("major", "major", "dorian"),
        progressions=((1, 4, 0, 0), (1, 4, 0, 5), (0, 5, 1, 4), (2, 5, 1, 4)), voices=(4,),
        bass=(32,), chords=(0, 26), lead=(66, 56, 11, 0, 26), pad=(), kit=32,
        moods=("smooth", "swinging", "mellow", "sophisticated", "late-night"),
        always=("bass", "drums"), swing=1 / 3, swing_unit=2, busy=0.65,
    ),
    "metal": Style(
        bpm=(140, 180), modes=("minor",),
        progressions=((0, 0, 5, 6), (0, 6, 5, 5), (0, 0, 3, 5)), voices=(2,),
        bass=(34,), chords=(30,), lead=(30, 29), pad=(52,), kit=16,
        moods=("brutal", "aggressive", "heavy", "furious", "crushing"),
        always=("bass", "chords", "drums"), busy=0.7, doubled=True,
    ),
    "orchestral": Style(
        bpm=(70, 130), modes=("major", "minor"),
        progressions=((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3)), voices=(3,),
        bass=(43, 58, 42), chords=(48, 49, 44), lead=(40, 73, 60, 68, 56, 71), pad=(48, 61),
        kit=48, moods=("epic", "majestic", "emotional", "heroic", "suspenseful"),
        always=("chords",), busy=0.35, room=(0.2, 0.5),
    ),
    "reggae": Style(
        bpm=(66, 90), modes=("major", "minor", "minor"),
        progressions=((0, 3, 0, 4), (0, 4, 5, 3), (0, 0, 3, 4)), voices=(3,),
        bass=(33, 34), chords=(28, 27), lead=(57, 66, 22), pad=(16, 18), kit=0,
        moods=("easygoing", "sunny", "rootsy", "dubby", "mellow"),
        always=("bass", "chords", "drums"), swing=0.12, busy=0.3,
    ),
    "rock": Style(
        bpm=(100, 138), modes=("major", "mixolydian", "minor"),
        progressions=((0, 4, 5, 3), (0, 3, 4, 4), (0, 6, 3, 0), (5, 3, 0, 4)), voices=(2,),
        bass=(33, 34), chords=(29,), lead=(29, 27), pad=(18, 48), kit=16,
        moods=("energetic", "powerful", "loud", "raw", "anthemic"),
        always=("chords", "drums"), busy=0.45, doubled=True,
    ),
    "synthwave": Style(
        bpm=(84, 116), modes=("minor",),
        progressions=((0, 5, 2, 6), (0, 5, 3, 4), (0, 6, 5, 6)), voices=(3,),
        bass=(SAW_BASS, 38), chords=(SUPERSAW, 90, 50), lead=(SAW_LEAD, PULSE_LEAD, 81),
        pad=(SUPERSAW, 50, 89), kit=24,
        moods=("neon", "nostalgic", "nocturnal", "gleaming", "retro"),
        always=("bass", "chords", "drums"), busy=0.4, pump=0.3, room=(0.1, 0.3),
    ),
    "techno": Style(
        bpm=(126, 140), modes=("minor",),
        progressions=((0, 0, 0, 0), (0, 0, 5, 5), (0, 0, 0, 6)), voices=(2, 3),
        bass=(38, 39, SAW_BASS), chords=(62, 90, 81, SUPERSAW), lead=(81, 84, 87, SAW_LEAD),
        pad=(95, 92), kit=25, moods=("dark", "driving", "hypnotic", "industrial", "relentless"),
        always=("bass", "drums"), busy=0.6, pump=0.4,
    ),
    "trap": Style(
        bpm=(130, 152), modes=("minor",),
        progressions=((0, 0, 5, 5), (0, 5, 0, 6), (0, 3, 5, 4)), voices=(3,),
        bass=(SUB_BASS,), chords=(0, 46, 4, 108), lead=(14, 11, 73, PULSE_LEAD), pad=(52, 91, 48),
        kit=25, moods=("menacing", "icy", "hard", "moody", "swaggering"),
        always=("bass", "drums"), busy=0.3, room=(0.05, 0.25),
    ),
}  # fmt: skip

INSTRUMENT_NAMES = {
    0: "piano", 4: "electric piano", 5: "electric piano", 7: "clavinet", 11: "vibraphone",
    14: "bell", 16: "organ", 18: "organ", 21: "accordion", 22: "harmonica",
    24: "acoustic guitar", 25: "acoustic guitar", 26: "electric guitar", 27: "electric guitar",
    28: "electric guitar", 29: "overdriven guitar", 30: "overdriven guitar", 32: "upright bass",
    33: "electric bass", 34: "electric bass", 35: "electric bass", 36: "slap bass",
    37: "slap bass", 38: "synth bass", 39: "synth bass", 40: "violin", 42: "cello",
    43: "upright bass", 44: "strings", 46: "harp", 48: "strings", 49: "strings", 50: "strings",
    52: "choir", 56: "trumpet", 57: "trombone", 58: "tuba", 60: "horn", 61: "brass", 62: "brass",
    65: "saxophone", 66: "saxophone", 68: "oboe", 71: "clarinet", 73: "flute", 80: "square lead",
    81: "synth lead", 84: "synth lead", 87: "synth lead", 88: "pad", 89: "pad", 90: "pad",
    91: "choir", 92: "pad", 94: "pad", 95: "pad", 98: "bell", 104: "sitar", 105: "banjo",
    108: "kalimba", 110: "fiddle", SUB_BASS: "808", SAW_BASS: "synth bass", SUPERSAW: "supersaw",
    PULSE_LEAD: "square lead", SAW_LEAD: "synth lead",
}  # fmt: skip
