"""Text: an audio-text model finds that the music sounds like a description.

    loss = 1 - cos(embedding of the music, embedding of the description)          0 to 2

Source: Novack et al. 2024, DITTO-2, arXiv:2405.20289, which maximizes the CLAP score.
"""

from dataclasses import dataclass

from engine.listening import Heard
from engine.models.clap import Clap, Embedding
from engine.shapes import Scalar


@dataclass(frozen=True, kw_only=True)
class TextObjective:
    """The whole window agrees with the words whose embedding (1, embedding) is `target`."""

    clap: Clap
    target: Embedding
    weight: float
    schedule: tuple[float, float] = (1.0, 1.0)
    name: str = "text"

    def loss(self, heard: Heard) -> Scalar:
        """Return 1 - cosine, through the decoded waveform."""
        rate = heard.listening.model.sample_rate
        made = self.clap.embed_audio(heard.audio, sample_rate=rate)
        return (1 - (made * self.target).sum(dim=-1)).mean()


def text_match(
    clap: Clap, description: str, *, weight: float, schedule: tuple[float, float] = (1.0, 1.0)
) -> TextObjective:
    """Return the objective that asks for `description`; its embedding is made once, here."""
    return TextObjective(
        clap=clap, target=clap.embed_text(description), weight=weight, schedule=schedule
    )
