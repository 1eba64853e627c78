"""Files that were cut short on their way: libsndfile reads what is left and says nothing."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import soundfile

# libsndfile logs the sizes of wav, aiff, w64, rf64 and au files as "data : 400 (should be 200)".
_PROMISED_SIZE = re.compile(
    r"^\s*(?:data|SSND|riff|Riff size|Data Size)\s*: (\d+) \(should be (\d+)\)", re.MULTILINE
)
# Programs that write into a pipe cannot know the size and put one of the largest numbers there.
_UNKNOWN_SIZE = 0x7FFF_F000
_OGG_PAGE_LIMIT = 65_307
_OGG_LAST_PAGE = 4


def is_cut_short(path: Path, file: soundfile.SoundFile) -> bool:
    """Return whether the open file promises more audio than it has.

    For flac and mp3 only reading tells: the one fails, the other ends early.
    """
    if file.format == "OGG":
        return not _ends_with_its_last_page(path)
    return any(
        int(has) < int(promised) < _UNKNOWN_SIZE
        for promised, has in _PROMISED_SIZE.findall(file.extra_info)
    )


def _ends_with_its_last_page(path: Path) -> bool:
    """Return whether the last Ogg page in the file is marked as the last of its stream."""
    data = path.read_bytes()[-_OGG_PAGE_LIMIT:]
    page = data.rfind(b"OggS")
    return page >= 0 and len(data) > page + 5 and bool(data[page + 5] & _OGG_LAST_PAGE)


@contextmanager
def quiet_decoders() -> Iterator[None]:
    """Keep the mp3 decoder's own warnings off the terminal: it writes to stderr behind Python."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
