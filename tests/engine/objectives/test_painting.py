"""The painting loss counts what stays, all of it and nothing else."""

import torch

from engine.listening import Listening
from engine.models.music_model import Conditioning, MusicalContext
from engine.models.toy import ToyModel
from engine.noise_schedule import NoiseSchedule
from engine.objectives.painting import frames_inside, masked_loss, painting
from engine.shapes import Audio, Latents, PerItem

HOP = ToyModel.hop_length


class LatentOnly:
    """The toy model without its feature domain, and with a receptive field."""

    name = "latent only"
    sample_rate = 44100
    channels = 2
    hop_length = HOP
    halo = 10
    max_latent_frames = 64
    noise_schedule = NoiseSchedule()
    steps = 4
    toy = ToyModel()

    def latents_shape(self, seconds: float) -> tuple[int, int, int]:
        return self.toy.latents_shape(seconds)

    def encode_text(self, prompt: str, *, seconds: float, context: MusicalContext) -> Conditioning:
        return self.toy.encode_text(prompt, seconds=seconds, context=context)

    def encode_audio(self, audio: Audio) -> Latents:
        return self.toy.encode_audio(audio)

    def denoise(self, x_t: Latents, t: PerItem, conditioning: Conditioning) -> Latents:
        return self.toy.denoise(x_t, t, conditioning)

    def decode(self, latents: Latents) -> Audio:
        return self.toy.decode(latents)


def music(seed: int = 0, frames: int = 20) -> Latents:
    return torch.randn(1, 32, frames, generator=torch.Generator().manual_seed(seed))


def kept(start: int, end: int, frames: int = 20) -> torch.Tensor:
    mask = torch.zeros(1, frames * HOP)
    mask[:, start:end] = 1
    return mask


def test_the_loss_is_the_mean_square_over_counted_frames() -> None:
    made, target = torch.zeros(1, 2, 4), torch.tensor([[[1.0, 2, 3, 9], [1, 2, 3, 9]]])
    mask = torch.tensor([[1.0, 1, 1, 0]])
    assert masked_loss(made, target, mask) == (1 + 4 + 9) / 3


def test_without_a_counted_frame_the_loss_is_0() -> None:
    assert masked_loss(torch.ones(1, 2, 4), torch.zeros(1, 2, 4), torch.zeros(1, 4)) == 0


def test_the_clip_itself_has_no_loss() -> None:
    x_0 = music()
    objective = painting(ToyModel(), ToyModel().decode(x_0), kept(0, 10 * HOP))
    assert objective.loss(Listening(objective.model).hear(x_0)) < 1e-4


def test_what_does_not_stay_does_not_count() -> None:
    x_0 = music()
    objective = painting(ToyModel(), ToyModel().decode(x_0), kept(0, 10 * HOP))
    other = torch.cat([x_0[..., :10], music(1)[..., :10]], dim=-1)
    assert objective.loss(Listening(objective.model).hear(other)) < 1e-4
    assert objective.loss(Listening(objective.model).hear(music(1))) > 10


def test_new_material_gets_no_gradient_of_its_own() -> None:
    objective = painting(ToyModel(), ToyModel().decode(music()), kept(0, 10 * HOP))
    x_0 = music(1).requires_grad_()
    (gradient,) = torch.autograd.grad(objective.loss(Listening(objective.model).hear(x_0)), x_0)
    assert gradient[..., :9].abs().min() > 0
    assert gradient[..., 10:].abs().max() == 0


def test_a_frame_that_listens_to_unknown_audio_does_not_count() -> None:
    inside = frames_inside(kept(2 * HOP, 8 * HOP, frames=10), 10, margin=HOP // 2)
    assert inside.tolist() == [[0, 0, 0, 1, 1, 1, 1, 0, 0, 0]]


def test_beyond_the_window_counts_as_known() -> None:
    inside = frames_inside(kept(0, 10 * HOP, frames=10), 10, margin=HOP)
    assert inside.tolist() == [[1] * 10]


def test_without_features_the_loss_is_between_latents() -> None:
    model, x_0 = LatentOnly(), music()
    objective = painting(model, model.decode(x_0), kept(0, 10 * HOP))
    assert objective.loss(Listening(objective.model).hear(x_0)) < 1e-6
    # Two latent frames beside the unknown audio are left out.
    assert objective.mask.tolist() == [[1] * 8 + [0] * 12]


def test_levels_tell_how_much_louder_the_model_plays() -> None:
    x_0 = 3 * music().abs() + 2
    objective = painting(ToyModel(), ToyModel().decode(x_0), kept(0, 20 * HOP))
    levels = objective.levels(2 * x_0)
    assert levels.frame == HOP
    assert torch.allclose(levels.reached - levels.wanted, torch.tensor(6.02), atol=0.05)
