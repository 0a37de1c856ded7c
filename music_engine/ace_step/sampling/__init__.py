"""Guidance, the denoising loops and the tasks built on them."""
