"""The words the embedded model was trained on: styles, keys, dynamics, instruments, and synonyms.

A prompt is read for these tags; what it does not say stays unknown to the model, exactly as tags
were dropped in training. The remaining words go to the small text encoder.
"""

import re
from dataclasses import dataclass

STYLES = (
    "ambient", "blues", "bossa nova", "chiptune", "disco", "drum and bass", "folk", "funk",
    "hip hop", "house", "jazz", "metal", "orchestral", "reggae", "rock", "synthwave", "techno",
    "trap",
)  # fmt: skip
NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MODES = ("major", "minor", "dorian", "mixolydian")
DYNAMICS = ("steady", "crescendo", "decrescendo", "swell", "dip", "step up", "step down")
INSTRUMENTS = (
    "808", "accordion", "acoustic guitar", "banjo", "bell", "brass", "cello", "choir", "clarinet",
    "clavinet", "drums", "electric bass", "electric guitar", "electric piano", "fiddle", "flute",
    "harmonica", "harp", "horn", "kalimba", "oboe", "organ", "overdriven guitar", "pad", "piano",
    "saxophone", "sitar", "slap bass", "square lead", "strings", "supersaw", "synth bass",
    "synth lead", "trombone", "trumpet", "tuba", "upright bass", "vibraphone", "violin",
)  # fmt: skip

STYLE_SYNONYMS = {
    "edm": "house", "club": "house", "deep house": "house", "dance": "house", "rave": "techno",
    "hip-hop": "hip hop", "hiphop": "hip hop", "boom bap": "hip hop", "lo-fi": "hip hop",
    "lofi": "hip hop", "rap": "hip hop", "drill": "trap", "trap beat": "trap",
    "guitar rock": "rock", "punk": "rock", "indie rock": "rock", "heavy metal": "metal",
    "thrash": "metal", "swing": "jazz", "bebop": "jazz", "atmospheric": "ambient",
    "drone": "ambient", "soundscape": "ambient", "orchestra": "orchestral",
    "classical": "orchestral", "symphonic": "orchestral", "film score": "orchestral",
    "cinematic": "orchestral",
    "8-bit": "chiptune", "8 bit": "chiptune", "video game": "chiptune", "funky": "funk",
    "country": "folk", "acoustic": "folk", "singer-songwriter": "folk", "dnb": "drum and bass",
    "d&b": "drum and bass", "drum & bass": "drum and bass", "drum n bass": "drum and bass",
    "jungle": "drum and bass", "bossa": "bossa nova", "brazilian": "bossa nova",
    "latin": "bossa nova", "dub": "reggae", "ska": "reggae", "blues shuffle": "blues",
    "bluesy": "blues", "nu-disco": "disco", "70s disco": "disco", "retrowave": "synthwave",
    "outrun": "synthwave", "80s synth": "synthwave",
}  # fmt: skip
DYNAMICS_SYNONYMS = {
    "building up": "crescendo", "build up": "crescendo", "build": "crescendo",
    "getting louder": "crescendo", "rising": "crescendo", "fade in": "crescendo",
    "fading out": "decrescendo", "fade out": "decrescendo", "getting quieter": "decrescendo",
    "dying away": "decrescendo", "swelling": "swell", "rise and fall": "swell",
    "breakdown": "dip", "quiet middle": "dip", "with a drop": "step up", "drop": "step up",
    "sudden loud": "step up", "dropping to quiet": "step down", "sudden quiet": "step down",
    "constant": "steady", "even": "steady",
}  # fmt: skip
INSTRUMENT_SYNONYMS = {
    "drum": "drums", "beat": "drums", "beats": "drums", "percussion": "drums",
    "rhodes": "electric piano", "keys": "electric piano", "guitar": "acoustic guitar",
    "distorted guitar": "overdriven guitar", "synth pad": "pad", "sax": "saxophone",
    "double bass": "upright bass", "contrabass": "upright bass", "bass": "electric bass",
    "808 bass": "808", "808s": "808", "sub bass": "808", "synth": "synth lead",
    "chip lead": "square lead", "pulse lead": "square lead", "saw pad": "supersaw",
    "super saw": "supersaw", "vibes": "vibraphone", "voices": "choir",
    "string section": "strings", "french horn": "horn", "bells": "bell",
    "nylon guitar": "acoustic guitar", "fingerpicked guitar": "acoustic guitar",
    "horns": "brass", "horn section": "brass", "hammond": "organ",
}  # fmt: skip
FLATS = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#", "Cb": "B", "Fb": "E"}

_PHRASES = {
    "style": {name: name for name in STYLES} | STYLE_SYNONYMS,
    "dynamics": {name: name for name in DYNAMICS} | DYNAMICS_SYNONYMS,
    "instrument": {name: name for name in INSTRUMENTS} | INSTRUMENT_SYNONYMS,
}
_KEY = re.compile(r"\b([a-g])\s*(#|b|sharp|flat)?[\s-]+(major|minor|maj|min|dorian|mixolydian)\b")
_TEMPO = re.compile(r"\b(\d{2,3}(?:\.\d+)?)\s*bpm\b")
_WORD = re.compile(r"[a-z0-9#]+")


@dataclass(frozen=True)
class Tags:
    """What a prompt says. None and () mean: not said."""

    style: str | None = None
    root: str | None = None
    mode: str | None = None
    dynamics: str | None = None
    instruments: tuple[str, ...] = ()
    bpm: float | None = None


def parse_key(text: str) -> tuple[str, str] | None:
    """Return (root, mode) of the first key in `text`, such as "Bb minor"; None without one."""
    found = _KEY.search(text.lower().replace("♯", "#").replace("♭", "b"))
    if not found:
        return None
    letter, accidental, mode = found.groups()
    sign = {"sharp": "#", "flat": "b", None: ""}.get(accidental, accidental)
    root = FLATS.get(letter.upper() + sign, letter.upper() + sign)
    root = {"E#": "F", "B#": "C"}.get(root, root)
    return root, {"maj": "major", "min": "minor"}.get(mode, mode)


def parse_tags(prompt: str) -> Tags:
    """Read the tags out of a free prompt; longer phrases win over the words inside them."""
    text = prompt.lower()
    key = parse_key(text)
    tempo = _TEMPO.search(text)
    found = _find(text)
    return Tags(
        style=next(iter(found["style"]), None),
        root=key[0] if key else None,
        mode=key[1] if key else None,
        dynamics=next(iter(found["dynamics"]), None),
        instruments=tuple(sorted(set(found["instrument"]))),
        bpm=float(tempo.group(1)) if tempo else None,
    )


def words(prompt: str) -> list[str]:
    """Return the prompt's words as the text encoder knows them: lower case, no punctuation."""
    return _WORD.findall(prompt.lower())


def _find(text: str) -> dict[str, list[str]]:
    """Return the names found, by kind and in reading order; each phrase is consumed once."""
    found: dict[str, list[tuple[int, str]]] = {kind: [] for kind in _PHRASES}
    phrases = [(phrase, kind) for kind, table in _PHRASES.items() for phrase in table]
    for phrase, kind in sorted(phrases, key=lambda pair: len(pair[0]), reverse=True):
        pattern = re.compile(rf"(?<![a-z0-9]){re.escape(phrase)}(?![a-z0-9])")
        found[kind] += [(m.start(), _PHRASES[kind][phrase]) for m in pattern.finditer(text)]
        text = pattern.sub(lambda m: "_" * len(m.group()), text)
    return {kind: [name for _, name in sorted(places)] for kind, places in found.items()}
