"""The sampler of ACE-Step v1: words and noise in, latents out. Its front door is `sampling.sample.sample`.

Nothing is gathered here, so that `sampling.settings` can be read without loading torch.
"""
