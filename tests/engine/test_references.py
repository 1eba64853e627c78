"""What recordings show, as facts about recordings that were made to show it."""

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.controls import Reference
from engine.errors import InvalidRequestError
from engine.listening import Listening
from engine.models.toy import ToyModel
from engine.references import (
    harmony,
    lead_notes,
    loudness_points,
    notes_of_frames,
    stretched_log_mel,
)

LISTENING = Listening(ToyModel())
RATE = 22050
NONE = -1


def tone(hertz: float, seconds: float, amplitude: float = 0.3) -> Tensor:
    time = torch.arange(round(seconds * RATE)) / RATE
    return amplitude * torch.sin(2 * torch.pi * hertz * time)


def recording(*parts: Tensor) -> Reference:
    return Reference(torch.cat(parts)[None], RATE)


def test_a_steady_tone_has_a_steady_level() -> None:
    points = loudness_points(recording(tone(440, 3.0)), LISTENING)
    expected = 20 * np.log10(0.3 / np.sqrt(2))
    assert points[0][0] == 0
    assert points[-1][0] == pytest.approx(3.0)
    assert [level for _, level in points] == pytest.approx([expected] * len(points), abs=0.05)


def test_twice_the_amplitude_is_6_decibels_louder_everywhere() -> None:
    one, other = (
        loudness_points(recording(tone(330, 1.0, a), tone(330, 1.0, a / 4)), LISTENING)
        for a in (0.1, 0.2)
    )
    difference = [b - a for (_, a), (_, b) in zip(one, other, strict=True)]
    assert difference == pytest.approx([20 * np.log10(2)] * len(one), abs=0.01)


def test_a_sung_scale_is_read_as_its_notes() -> None:
    hertz = (261.63, 293.66, 329.63)
    played = recording(*(part for f in hertz for part in (tone(f, 0.5), torch.zeros(RATE // 4))))
    notes = lead_notes(played)
    assert [note.pitch for note in notes] == [60, 62, 64]
    assert [note.start for note in notes] == pytest.approx([0.0, 0.75, 1.5], abs=0.05)
    assert [note.end - note.start for note in notes] == pytest.approx([0.5] * 3, abs=0.1)


def test_noise_has_no_pitch() -> None:
    noise = 0.2 * torch.randn(RATE, generator=torch.Generator().manual_seed(0))
    with pytest.raises(InvalidRequestError, match="No pitch was found in the reference"):
        lead_notes(recording(noise))


def test_silence_shows_nothing() -> None:
    silent = recording(torch.zeros(RATE))
    for show in (
        lambda: loudness_points(silent, LISTENING),
        lambda: lead_notes(silent),
        lambda: harmony(silent, LISTENING, frames=10),
        lambda: stretched_log_mel(silent, LISTENING, frames=10),
    ):
        with pytest.raises(InvalidRequestError, match="The reference is silent"):
            show()


def test_glitches_are_no_notes_and_split_none() -> None:
    pitches = np.array([60] * 10 + [61] * 2 + [60] * 10 + [NONE] * 10 + [64] * 2 + [NONE] * 5)
    (note,) = notes_of_frames(pitches, frame_seconds=0.02, end=1.0)
    assert (note.start, note.pitch) == (0.0, 60)
    assert note.end == pytest.approx(0.43)


def test_a_repeated_note_after_a_rest_is_a_new_note() -> None:
    pitches = np.array([60] * 10 + [NONE] * 10 + [60] * 10)
    notes = notes_of_frames(pitches, frame_seconds=0.02, end=0.6)
    assert [note.start for note in notes] == pytest.approx([0.0, 0.39])
    assert notes[-1].end == pytest.approx(0.59)


def test_harmony_is_the_pitch_classes_of_the_chord() -> None:
    chord = tone(523.25, 2.0) + tone(659.26, 2.0) + tone(783.99, 2.0)
    shares, mask = harmony(recording(chord), LISTENING, frames=100)
    assert shares.sum(dim=1).allclose(torch.ones(1, 100), atol=1e-5)
    assert set(shares[0, :, 50].topk(3).indices.tolist()) == {0, 4, 7}
    assert mask.min() == 1


def test_harmony_asks_for_nothing_in_silence_and_beyond_the_recording() -> None:
    played = recording(tone(440, 1.0), torch.zeros(RATE), tone(440, 1.0))
    seconds = LISTENING.hear(torch.zeros(1, 32, 64)).frame_seconds
    _, mask = harmony(played, LISTENING, frames=round(4.5 / seconds), start=-0.5)
    at = {time: int(mask[0, round((time + 0.5) / seconds)]) for time in (-0.2, 0.5, 1.5, 2.5, 3.5)}
    assert at == {-0.2: 0, 0.5: 1, 1.5: 0, 2.5: 1, 3.5: 0}


@pytest.mark.parametrize("frames", [40, 1000])
def test_a_stretched_recording_changes_at_the_same_share_of_its_length(frames: int) -> None:
    mel = stretched_log_mel(recording(tone(220, 1.0), tone(1760, 1.0)), LISTENING, frames=frames)
    quarter, half = frames // 4, frames // 2
    assert mel.shape == (1, 128, frames)
    first, second = mel[0, :, quarter].argmax(), mel[0, :, half + quarter].argmax()
    assert first < second
    assert mel[0, :, half // 2 : half - frames // 10].argmax(dim=0).unique().tolist() == [first]
