"""What lies in the project, and new music into it: all places are samples of the track's own rate.

Audio goes out and in through Nyquist, which reads and writes float WAV files itself: every bit is
kept, at the track's rate and not at the project's, and no import, no clipboard and no setting of
the producer's is touched.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import float_wav
from .audacity_pipe import Audacity, AudacityError
from .clip_envelope import Envelope

_WHERE = """
(let ((file (open "{path}" :direction :output)) (clips (get '*track* 'clips)))
  (setf *float-format* "%.9f")
  (format file "~a ~a ~a ~a~%" (get '*track* 'rate) (if (arrayp clips) 2 1)
    (get '*selection* 'start) (get '*selection* 'end))
  (format file "~a~%" (if (arrayp clips) (aref clips 0) clips))
  (close file)
  "")
"""
_SAVE = """
(progn
  (s-save *track* ny:all "{path}" :format snd-head-wave :mode snd-mode-float :bits 32)
  "")
"""
_LOAD = '(s-read "{path}")'


@dataclass
class Track:
    """An audio track: the selection in it, which may be a point, and where its clips lie."""

    index: int
    name: str
    rate: int
    channels: int
    start: int
    end: int
    clips: list[tuple[int, int]]

    def is_free(self, start: int, end: int) -> bool:
        """Whether no clip lies there."""
        return start >= 0 and all(e <= start or end <= s for s, e in self.clips)


class Project:
    """The project in front."""

    def __init__(self, audacity: Audacity) -> None:
        self._audacity = audacity

    def selected(self) -> list[Track]:
        """Return the audio tracks that are selected. Raises AudacityError where there is none."""
        chosen = [
            (index, info["name"])
            for index, info in enumerate(self._audacity.info("Tracks"))
            if info["kind"] == "wave" and info["selected"]
        ]
        if not chosen:
            raise AudacityError("Nothing is selected. Select some audio in a track, then again.")
        # Nyquist wants a stretch, and a point may be selected.
        self._audacity.do("SelectTime", Start=0.0, End=1.0, RelativeTo="Selection")
        tracks = [self._track(index, name) for index, name in chosen]
        self.select(tracks, tracks[0].start, tracks[0].end)
        return tracks

    def named(self, name: str, channels: int, rate: int) -> Track | None:
        """Return the first track that has this name and form."""
        for index, info in enumerate(self._audacity.info("Tracks")):
            if info["kind"] == "wave" and (info["name"], info["channels"]) == (name, channels):
                self._audacity.do("Select", Start=0.0, End=1.0, Track=index, TrackCount=1)
                track = self._track(index, name)
                if track.rate == rate:
                    return track
        return None

    def envelope(self, track: Track) -> Envelope:
        """Return what is drawn on the track's clips."""
        clips = self._audacity.info("Envelopes")
        return Envelope([clip for clip in clips if clip["track"] == track.index])

    def labels(self, start: float, end: float) -> list[tuple[float, str]]:
        """Return the labels that begin between two times: seconds and names, in order."""
        rows = [row for _, track in self._audacity.info("Labels") for row in track]
        return sorted((at, name.strip()) for at, _, name in rows if start - 1e-6 <= at < end)

    def select(self, tracks: list[Track], start: int, end: int) -> None:
        """Select a stretch in these tracks."""
        rate = tracks[0].rate
        for mode, track in zip(["Set"] + ["Add"] * len(tracks), tracks):
            self._audacity.do("SelectTracks", Track=track.index, TrackCount=1, Mode=mode)
        self._audacity.do(
            "SelectTime", Start=start / rate, End=end / rate, RelativeTo="ProjectStart"
        )

    def save(self, track: Track, start: int, end: int, path: Path) -> None:
        """Write a stretch of the track, without its envelope, gain and effects, to a file."""
        path.unlink(missing_ok=True)
        self.select([track], start, end)
        self._audacity.lisp(_SAVE.format(path=_quoted(path)))
        if not path.exists() or float_wav.read(path).frames != end - start:
            raise AudacityError(f"Audacity could not write the clip to {path}.")

    def replace(self, track: Track, start: int, end: int, path: Path) -> None:
        """Put the file in the place of a stretch of the same length."""
        self._put(track, start, end, path, float_wav.read(path).frames)

    def insert(self, track: Track, at: int, path: Path) -> None:
        """Put the file in front of a sample; from there on the track moves to the right."""
        with tempfile.TemporaryDirectory() as folder:
            longer, one = Path(folder) / "longer.wav", Path(folder) / "one.wav"
            # Nyquist replaces, so one sample is replaced by the music and itself.
            self.save(track, at, at + 1, one)
            old, sound = float_wav.read(one), float_wav.read(path)
            self.envelope(track).bake(old, at / track.rate)
            frames = sound.frames
            sound.samples.extend(old.samples)
            float_wav.write(longer, sound)
            self._put(track, at, at + 1, longer, frames)

    def _put(self, track: Track, start: int, end: int, path: Path, new: int) -> None:
        self.select([track], start, end)
        self._audacity.lisp(_LOAD.format(path=_quoted(path)))
        self.select([track], start, start + new)
        # Nyquist leaves nothing to be undone; splitting the clip around the new music does, and
        # that one step holds both.
        self._audacity.do("Split")

    def add(self, path: Path) -> None:
        """Put the file on a new track, at the beginning."""
        self._audacity.do("Import2", Filename=path)

    def _track(self, index: int, name: str) -> Track:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "where.txt"
            self._audacity.do("SelectTracks", Track=index, TrackCount=1, Mode="Set")
            self._audacity.lisp(_WHERE.format(path=_quoted(path)))
            first, clips = path.read_text(encoding="utf-8").split("\n", 1)
        rate, channels, start, end = (float(word) for word in first.split())
        edges = [round(float(edge) * rate) for edge in re.findall(r"-?\d+\.\d+", clips)]
        pairs = list(zip(edges[::2], edges[1::2]))
        span = (round(start * rate), round((end - 1) * rate))
        return Track(index, name, round(rate), int(channels), *span, clips=pairs)


def _quoted(path: Path) -> str:
    return path.as_posix().replace("\\", "\\\\").replace('"', '\\"')
