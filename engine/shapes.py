"""The axes of every tensor in the engine, named once and checked by every test run.

Time is always last. `latent_frames` are the model's own steps (`hop_length` samples each);
`frames` are the steps of a measured feature.
"""

from jaxtyping import Float
from torch import Tensor

Audio = Float[Tensor, "batch channels samples"]
Latents = Float[Tensor, "batch latent_channels latent_frames"]
Features = Float[Tensor, "batch bins frames"]
Power = Float[Tensor, "batch fft_bins frames"]
"""Power of every bin of a short-time Fourier transform, averaged over channels."""
Curve = Float[Tensor, "batch frames"]
Chroma = Float[Tensor, "batch 12 frames"]
Timbre = Float[Tensor, "batch coefficients frames"]
Similarity = Float[Tensor, "batch frames frames"]
Matrix = Float[Tensor, "steps steps"]
"""How alike any two moments of one piece are."""
PerItem = Float[Tensor, " batch"]
Scalar = Float[Tensor, ""]
Samples = Float[Tensor, "channels samples"]
Stretch = Float[Tensor, "channels _"]
"""Audio of its own length, with as many channels as the audio beside it."""
Mask = Float[Tensor, "1 samples"]
"""1 where something holds for a sample of all channels, else 0."""
