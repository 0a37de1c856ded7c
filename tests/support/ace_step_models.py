"""Small transformers with random weights, for tests that need one at work."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from music_engine.ace_step.config import LyricEncoderConfig, TransformerConfig
from music_engine.ace_step.dit.conditioning import Condition
from music_engine.ace_step.dit.transformer import AceStepTransformer
from music_engine.ace_step.precision import PRECISIONS, load_transformer

SMALL = TransformerConfig(
    num_layers=17,  # two of those in which guidance weakens the queries
    num_attention_heads=2,
    attention_head_dim=16,
    speaker_embedding_dim=12,
    text_embedding_dim=24,
    lyric_vocabulary=50,
    lyric_hidden_size=24,
    lyric_encoder=LyricEncoderConfig(output_size=24, attention_heads=4, linear_units=48, num_blocks=6),
    ssl_latent_dims=(20, 12),
)


def reader(seed: int = 0, config: TransformerConfig = SMALL) -> Callable[[str], Tensor]:
    """The tensors of a random transformer by name, as a checkpoint gives them; the values are bfloat16's."""
    tensors = _drawn(seed, config)
    return lambda name: tensors[name]


@cache
def _drawn(seed: int, config: TransformerConfig) -> dict[str, Tensor]:
    torch.manual_seed(seed)
    return {name: tensor.bfloat16() for name, tensor in AceStepTransformer(config).state_dict().items()}


def transformer(precision: str = "float32", seed: int = 0) -> AceStepTransformer:
    """A small one, loaded in that precision."""
    return load_transformer(SMALL, reader(seed), PRECISIONS[precision])


def condition(model: AceStepTransformer, items: int = 1, seed: int = 1) -> Condition:
    """A condition of 5 text and 9 lyric tokens, the last lyric token masked out."""
    generator = torch.Generator().manual_seed(seed)
    lyric_mask = torch.ones(items, 9)
    lyric_mask[:, -1] = 0
    text = torch.randn(items, 5, SMALL.text_embedding_dim, generator=generator)
    lyrics = torch.randint(0, SMALL.lyric_vocabulary, (items, 9), generator=generator)
    with torch.no_grad():
        return model.encode(text, torch.ones(items, 5), lyrics, lyric_mask)


def latents(items: int = 1, frames: int = 13, seed: int = 2) -> tuple[Tensor, Tensor]:
    """Latents [B, 8, 16, T] and timesteps [B]."""
    generator = torch.Generator().manual_seed(seed)
    latent = torch.randn(items, 8, 16, frames, generator=generator)
    return latent, torch.rand(items, generator=generator) * 1000
