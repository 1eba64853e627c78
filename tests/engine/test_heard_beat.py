"""What a model hears: of all beats, the one that explains the music best."""

from pathlib import Path

import pytest
import soundfile as sf
import torch

from engine.analysis import analyze
from engine.beat_candidates import Candidate, proposed
from engine.heard_beat import hear_beat
from engine.models import load
from engine.models.grid import grid
from engine.models.music_model import Conditioning, FollowsBeat, MusicalContext
from engine.models.toy import ToyModel
from engine.shapes import Latents, PerItem
from engine.tempo import SAMPLE_RATE
from tests.engine.test_analysis import as_samples, clicks, drone

BPM, DOWNBEAT = 96.0, 0.4
EXAMPLES = Path(__file__).parents[2] / "installers" / "examples"


class Knowing(ToyModel):
    """Its error is the distance of the grid that it is told from the true one; nothing is chance.

    Without a beat it errs as by `without`.
    """

    follows_beat = True

    def __init__(self, *, without: float = 0.5) -> None:
        self.without = without

    def encode_text(self, prompt: str, *, seconds: float, context: MusicalContext) -> Conditioning:
        told, true = (
            grid(c, latent_frames=self.latents_shape(seconds)[-1], frame_seconds=0.05)[:, 2:]
            for c in (context, MusicalContext(BPM, DOWNBEAT))
        )
        wrong = (told - true).square().mean((1, 2)) if context.bpm else torch.tensor([self.without])
        return Conditioning({"wrong": wrong})

    def denoise(self, x_t: Latents, t: PerItem, conditioning: Conditioning) -> Latents:
        wrong = conditioning.given["wrong"].sqrt()[:, None, None]
        return self.encode_audio(MUSIC) + wrong


MUSIC = torch.randn(1, 2, 50 * ToyModel.hop_length, generator=torch.Generator().manual_seed(0))
TRUE = (BPM, DOWNBEAT)


@pytest.mark.parametrize(
    "wrong",
    [
        (2 * BPM, DOWNBEAT),
        (BPM / 2, DOWNBEAT),
        (BPM * 3 / 4, DOWNBEAT),
        (BPM, DOWNBEAT + 60 / BPM),
        (BPM, DOWNBEAT + 120 / BPM),
        (BPM, DOWNBEAT + 30 / BPM),
    ],
    ids=["twice", "half", "dotted", "second beat", "third beat", "off the beat"],
)
def test_the_truth_wins_wherever_it_stands(wrong: Candidate) -> None:
    for candidates in ([wrong, TRUE], [TRUE, wrong]):
        found = hear_beat(Knowing(), MUSIC, candidates)
        assert found is not None
        assert (found.bpm, found.downbeat) == TRUE
        assert found.gain == pytest.approx(1)


@pytest.mark.parametrize("candidates", [[], [(140.0, 0.1)]], ids=["nothing", "a wrong beat"])
def test_what_onsets_do_not_propose_is_found_all_the_same(candidates: list[Candidate]) -> None:
    found = hear_beat(Knowing(), MUSIC, candidates)
    assert found is not None
    assert found.bpm == pytest.approx(BPM, rel=0.015)
    bar = 240 / BPM
    late = (found.downbeat - DOWNBEAT + bar / 2) % bar - bar / 2
    assert abs(late) < 0.25 * 60 / BPM


def test_a_tempo_that_is_known_stays() -> None:
    found = hear_beat(Knowing(), MUSIC, [(BPM * 1.1, 0.0), (BPM * 1.1, 0.3)], bpm=BPM * 1.1)
    assert found is None or found.bpm == BPM * 1.1


def test_no_beat_is_better_than_a_wrong_one() -> None:
    # Two phases that have nothing to do with each other differ by 1 on average.
    assert hear_beat(Knowing(without=0.0), MUSIC, [(140.0, 0.1)]) is None


def test_who_hears_no_difference_hears_no_beat() -> None:
    assert hear_beat(ToyModel(), MUSIC, [TRUE, (120.0, 0.0)]) is None


def test_who_was_not_taught_to_follow_a_beat_is_not_asked() -> None:
    model, clip = Knowing(), as_samples(clicks(120)).float()
    model.follows_beat = False
    assert analyze(clip, SAMPLE_RATE, model=model) == analyze(clip, SAMPLE_RATE)


def test_onsets_propose_the_beat_among_its_relatives() -> None:
    candidates = proposed(clicks(96.0, first=0.4), beats_per_bar=4)
    for bpm in (64.0, 96.0, 192.0):
        near = [beat for tempo, beat in candidates if abs(tempo / bpm - 1) < 0.012]
        late = [(beat - 0.4 + 30 / 96) % (60 / 96) - 30 / 96 for beat in near]
        assert min(map(abs, late)) < 0.03
    given = proposed(clicks(96.0, first=0.4), beats_per_bar=3, bpm=96.0)
    assert {tempo for tempo, _ in given} == {96.0}
    assert len(given) == 6
    assert proposed(drone(), beats_per_bar=4) == []


@pytest.mark.parametrize(("name", "bpm"), [("groove", 124.0), ("keys", 84.0), ("band", 124.0)])
def test_the_model_that_ships_hears_beat_and_bar_of_what_was_composed(
    name: str, bpm: float
) -> None:
    model = load("embedded")
    assert isinstance(model, FollowsBeat)
    samples, _ = sf.read(EXAMPLES / f"{name}.wav", dtype="float32", always_2d=True)
    clip = torch.from_numpy(samples.T.copy())[None]
    others = [(bpm * ratio, beat * 60 / bpm) for ratio in (0.5, 0.75, 2) for beat in range(4)]
    bars = [(bpm, beat * 60 / bpm) for beat in (3, 1, 2, 0)]
    found = hear_beat(model, clip, [*others, *bars], bpm=bpm)
    assert found is not None
    assert (found.bpm, found.downbeat) == (bpm, 0)


def test_a_drone_has_no_beat_for_a_model_either() -> None:
    assert (
        analyze(as_samples(drone()).float(), SAMPLE_RATE, model=load("embedded")).context.bpm
        is None
    )


def test_listening_can_be_ended_before_the_next_batch_of_beats() -> None:
    """A producer who cancels does not wait for beats that nobody wants to know any more."""
    asked: list[int] = []

    class Counting(Knowing):
        def denoise(self, x_t: Latents, t: PerItem, conditioning: Conditioning) -> Latents:
            asked.append(len(t))
            return super().denoise(x_t, t, conditioning)

    def stop_after_one() -> None:
        if asked:
            raise InterruptedError

    many = [(BPM + i / 10, DOWNBEAT) for i in range(100)]
    with pytest.raises(InterruptedError):
        hear_beat(Counting(), MUSIC, many, pause=stop_after_one)
    assert len(asked) == 1
    assert asked[0] < len(many)
