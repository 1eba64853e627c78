"""What is heard through the model's features is what its audio sounds like."""

from functools import lru_cache
from pathlib import Path

import pytest
import soundfile
import torch

from engine.errors import InvalidRequestError
from engine.listening import Heard, Listening
from engine.models import load
from engine.models.embedded import EmbeddedModel
from engine.models.music_model import HasPower
from engine.models.toy import ToyModel

EXAMPLES = Path(__file__).parents[2] / "installers" / "examples"
CLIPS = ("band", "groove", "keys")


@lru_cache(maxsize=1)
def embedded() -> EmbeddedModel:
    model = load("embedded")
    assert isinstance(model, EmbeddedModel)
    return model


@lru_cache(maxsize=3)
def heard_three_times(clip: str) -> tuple[Heard, Heard, Heard]:
    """A clip as it is, and after the codec: through the features and through the audio."""
    read, rate = soundfile.read(EXAMPLES / f"{clip}.wav", dtype="float32", always_2d=True)
    cheap, through_audio = Listening(embedded()), Listening(embedded(), path="audio")
    recording = cheap.hear_recording(torch.from_numpy(read.T.copy()), sample_rate=rate)
    latents = recording.x_0
    return recording, cheap.hear(latents), through_audio.hear(latents)


def root_mean_square(values: torch.Tensor) -> float:
    return float(values.square().mean().sqrt())


def correlation(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1])


@pytest.mark.parametrize("clip", CLIPS)
def test_both_ways_agree_on_intensity_within_three_quarters_of_a_decibel(clip: str) -> None:
    _, cheap, audio = heard_three_times(clip)
    assert root_mean_square(cheap.intensity - audio.intensity) < 0.75


@pytest.mark.parametrize("clip", CLIPS)
def test_where_they_differ_the_audio_is_nearer_to_the_recording(clip: str) -> None:
    recording, *both = heard_three_times(clip)
    frames = both[0].frames
    levels = [heard.intensity - recording.intensity[:, :frames] for heard in both]
    assert root_mean_square(levels[1]) < root_mean_square(levels[0])
    notes = [h.chroma / h.chroma.sum(dim=1, keepdim=True) for h in (recording, *both)]
    likeness = [correlation(notes[0][..., :frames], other) for other in notes[1:]]
    assert likeness[1] > likeness[0]


@pytest.mark.parametrize("clip", CLIPS)
def test_both_ways_agree_on_the_notes(clip: str) -> None:
    _, cheap, audio = heard_three_times(clip)
    shares = [heard.chroma / heard.chroma.sum(dim=1, keepdim=True) for heard in (cheap, audio)]
    assert correlation(*shares) > 0.93
    # Where two notes of a chord are about as strong, either may come first.
    second, first = audio.chroma[0].topk(2, dim=0).values.flip(0)
    clear = (audio.levels > audio.levels.max() - 30)[0] & (first > 1.25 * second)
    strongest = [heard.chroma[0, :, clear].argmax(dim=0) for heard in (cheap, audio)]
    assert (strongest[0] == strongest[1]).float().mean() > 0.9


def test_a_tune_is_heard_note_by_note_through_the_codec() -> None:
    pitches = torch.tensor([60, 62, 64, 65, 67, 69, 71, 72, 79, 74, 66, 61])
    time = torch.arange(22016) / 44100
    hertz = 440 * 2 ** ((pitches - 69) / 12)
    partials = [torch.sin(2 * torch.pi * k * hertz[:, None] * time) / k for k in range(1, 7)]
    tune = (0.1 * sum(partials) * torch.exp(-2 * time)).flatten()[None]
    played = pitches.repeat_interleave(43) % 12
    heard = Listening(embedded()).hear_recording(tune, sample_rate=44100)
    for either in (heard, heard.listening.hear(heard.x_0)):
        notes = either.chroma.argmax(dim=1)[0, : len(played)]
        assert (notes == played[: len(notes)]).float().mean() > 0.95


@pytest.mark.parametrize("clip", CLIPS)
def test_both_ways_agree_on_structure(clip: str) -> None:
    _, cheap, audio = heard_three_times(clip)
    for smoothing, least in ((False, 0.95), (True, 0.99)):
        one, other = (heard.self_similarity(smoothing=smoothing) for heard in (cheap, audio))
        assert correlation(one, other) > least


@pytest.mark.parametrize("clip", CLIPS)
def test_the_codec_plays_a_clip_at_its_level_within_a_decibel_and_a_half(clip: str) -> None:
    recording, cheap, audio = heard_three_times(clip)
    for heard in (cheap, audio):
        frames = heard.frames
        assert root_mean_square(heard.intensity - recording.intensity[:, :frames]) < 1.5


def test_every_view_has_the_same_frames() -> None:
    _, cheap, audio = heard_three_times("band")
    samples = cheap.x_0.shape[-1] * embedded().hop_length
    for heard in (cheap, audio):
        assert heard.frames == samples // 512
        for view in (heard.levels, heard.intensity, heard.chroma, heard.log_mel, heard.timbre):
            assert view.shape[-1] == heard.frames
    assert cheap.frame_seconds == pytest.approx(512 / 44100)


def test_a_recording_is_heard_at_the_models_rate() -> None:
    time = torch.arange(48000) / 48000
    tone = 0.5 * torch.sin(2 * torch.pi * 440 * time)[None]
    heard = Listening(ToyModel()).hear_recording(tone, sample_rate=48000)
    assert heard.frames == 44100 // 512
    assert heard.audio.shape == (1, 2, 44100)
    assert (heard.chroma.argmax(dim=1)[0, 4:-4] == 9).all()


def test_without_a_spectrum_the_audio_is_heard() -> None:
    model = ToyModel()
    assert not isinstance(model, HasPower)
    latents = torch.randn(1, 32, 32, requires_grad=True)
    heard = Listening(model).hear(latents)
    recorded = Listening(model).hear_recording(model.decode(latents)[0].detach(), sample_rate=44100)
    torch.testing.assert_close(heard.levels, recorded.levels)
    heard.intensity.square().mean().backward()
    assert latents.grad is not None
    assert latents.grad.abs().max() > 0


def test_a_spectrum_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match='path="audio"'):
        Listening(ToyModel(), path="features")


@pytest.mark.parametrize("path", ["features", "audio"])
@pytest.mark.parametrize("view", ["intensity", "chroma", "timbre"])
def test_silence_has_a_finite_gradient(path: str, view: str) -> None:
    silent = embedded().encode_audio(torch.zeros(1, 2, 16 * 4096)).requires_grad_()
    heard = Listening(embedded(), path=path).hear(silent)  # type: ignore[arg-type]
    getattr(heard, view).square().sum().backward()
    assert silent.grad is not None
    assert silent.grad.isfinite().all()


def test_each_view_is_made_once() -> None:
    _, cheap, _ = heard_three_times("keys")
    assert cheap.power is cheap.power
