"""A small transformer with random weights, and words and settings for it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from music_engine.ace_step.config import LyricEncoderConfig, TransformerConfig
from music_engine.ace_step.dit.conditioning import Condition, RememberedCondition
from music_engine.ace_step.dit.transformer import AceStepTransformer
from music_engine.ace_step.sampling.prompt import Prompt
from music_engine.ace_step.sampling.settings import SamplingSettings

TEXT_WIDTH = 12
CONFIG = TransformerConfig(
    num_layers=17,  # guidance weakens the queries of block 15 and those after it
    num_attention_heads=2,
    attention_head_dim=8,
    text_embedding_dim=TEXT_WIDTH,
    lyric_vocabulary=40,
    lyric_hidden_size=12,
    lyric_encoder=LyricEncoderConfig(output_size=12, attention_heads=2, linear_units=16, num_blocks=6),
)


class CountingModel:
    """The transformer, with the size of every batch it was given, and the batches."""

    def __init__(self, model: AceStepTransformer) -> None:
        self.model = model
        self.batches: list[int] = []
        self.latents: list[Tensor] = []
        self.encodings = 0

    def encode(
        self,
        text: Tensor,
        text_mask: Tensor,
        lyric_ids: Tensor,
        lyric_mask: Tensor,
        speaker: Tensor | None = None,
        *,
        weaken_lyrics: float | None = None,
    ) -> Condition:
        self.encodings += 1
        return self.model.encode(text, text_mask, lyric_ids, lyric_mask, speaker, weaken_lyrics=weaken_lyrics)

    def remember(self, condition: Condition) -> RememberedCondition:
        return self.model.remember(condition)

    def __call__(
        self,
        latent: Tensor,
        timestep: Tensor,
        condition: Condition | RememberedCondition,
        *,
        query_scale: Tensor | None = None,
    ) -> Tensor:
        self.batches.append(len(latent))
        self.latents.append(latent)
        velocity: Tensor = self.model(latent, timestep, condition, query_scale=query_scale)
        return velocity


class PullingModel:
    """Knows one piece of music for all words: the same value everywhere, the first of the text states.

    The straight way there from noise has the velocity (x - data) / σ, so a right solver ends at the data.
    """

    def encode(
        self,
        text: Tensor,
        text_mask: Tensor,
        lyric_ids: Tensor,
        lyric_mask: Tensor,
        speaker: Tensor | None = None,
        *,
        weaken_lyrics: float | None = None,
    ) -> Condition:
        return Condition(text, text_mask.float())

    def remember(self, condition: Condition) -> RememberedCondition:
        return RememberedCondition((condition.states,), (), condition.mask)

    def __call__(
        self,
        latent: Tensor,
        timestep: Tensor,
        condition: Condition | RememberedCondition,
        *,
        query_scale: Tensor | None = None,
    ) -> Tensor:
        assert isinstance(condition, RememberedCondition)
        data = condition.keys[0][:, 0, 0]
        return (latent - data.view(-1, 1, 1, 1)) / (timestep / 1000).view(-1, 1, 1, 1)


def pull_to(value: float) -> Prompt:
    """The words for a piece of music that is this value everywhere."""
    one = torch.ones(1, dtype=torch.long)
    return Prompt(torch.full((1, 1), value), one, one, one)


def random_transformer() -> AceStepTransformer:
    """Always the same weights."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return AceStepTransformer(CONFIG).eval().requires_grad_(False)


def words(seed: int, text: int = 5, lyric: int = 7, padding: int = 0) -> Prompt:
    """Words drawn from a seed. text, lyric: tokens; padding: tokens after both, which hold rubbish."""
    draw = torch.Generator().manual_seed(seed)
    states = torch.randn(2, text, TEXT_WIDTH, generator=draw)
    ids = torch.randint(1, CONFIG.lyric_vocabulary, (lyric,), generator=draw)
    rubbish = torch.full((2, padding, TEXT_WIDTH), 9.0)
    states, weakened = torch.cat([states, rubbish], dim=1)
    text_mask, lyric_mask = ((torch.arange(n + padding) < n).long() for n in (text, lyric))
    return Prompt(states, text_mask, torch.nn.functional.pad(ids, (0, padding), value=3), lyric_mask, weakened)


def quick(**given: Any) -> SamplingSettings:
    """Few steps; the other settings as given."""
    return SamplingSettings(**{"steps": 4, **given})


def sounds(seed: int, items: int = 1, frames: int = 12) -> Tensor:
    """Latents that stand for a source."""
    return torch.randn(items, 8, 16, frames, generator=torch.Generator().manual_seed(seed))
