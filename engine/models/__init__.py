"""Base models behind one contract: prompt -> conditioning, audio <-> latents, x_t -> x_0."""
