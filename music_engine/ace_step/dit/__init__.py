"""The diffusion transformer: latents and conditions in, velocity out."""
