"""The transformer: noisy latents, a noise level and a condition in, velocity out.

Gong et al. 2025, "ACE-Step: A Step Towards Music Generation Foundation Model". Parameter names are the checkpoint's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import torch
from torch import Tensor, nn

from music_engine.ace_step.config import TransformerConfig
from music_engine.ace_step.dit.attention import allowed_pairs
from music_engine.ace_step.dit.block import Block
from music_engine.ace_step.dit.conditioning import Condition, RememberedCondition
from music_engine.ace_step.dit.control import ControlHint
from music_engine.ace_step.dit.linear import Linear
from music_engine.ace_step.dit.lyric_encoder import LyricEncoder
from music_engine.ace_step.dit.patch import FinalLayer, PatchEmbed
from music_engine.ace_step.dit.projectors import projector
from music_engine.ace_step.dit.rotary import Rotary, rotary
from music_engine.ace_step.dit.timestep import TimestepEmbedder

WEAKENED_BLOCKS = range(15, 20)  # where query_scale bites


class AceStepTransformer(nn.Module):
    """`encode` a condition once, `remember` it, then call with every step's latents.

    with_projectors: the training heads too; without them the 88 M parameters are not held.
    """

    def __init__(self, config: TransformerConfig, *, with_projectors: bool = False) -> None:
        super().__init__()
        self.config = config
        width, lyric_width = config.width, config.lyric_hidden_size
        self.timestep_embedder = TimestepEmbedder(width)
        self.t_block = nn.Sequential(nn.SiLU(), Linear(6 * width, width))
        self.speaker_embedder = Linear(width, config.speaker_embedding_dim)
        self.genre_embedder = Linear(width, config.text_embedding_dim)
        self.lyric_embs = nn.Embedding(config.lyric_vocabulary, lyric_width)
        self.lyric_encoder = LyricEncoder(lyric_width, config.lyric_encoder)
        self.lyric_proj = Linear(width, config.lyric_encoder.output_size)
        self.proj_in = PatchEmbed(config)
        self.transformer_blocks = nn.ModuleList(Block(config) for _ in range(config.num_layers))
        self.final_layer = FinalLayer(config)
        if with_projectors:
            self.projectors = nn.ModuleList(projector(width, features) for features in config.ssl_latent_dims)

    @property
    def dtype(self) -> torch.dtype:
        """The precision it computes in; matrices may be stored in fewer bits (see `precision`)."""
        return self.final_layer.scale_shift_table.dtype

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.final_layer.scale_shift_table.device

    @property
    def blocks(self) -> Iterator[Block]:
        """The blocks, in order."""
        return (cast(Block, block) for block in self.transformer_blocks)

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
        """One token of speaker, then text, then lyrics.

        text: [B, S, 768], the text encoder's states; lyric_ids: [B, L] int64; masks: [B, S] and [B, L], 0 or 1;
        speaker: [B, 512], None for zeros (all the published model knows). weaken_lyrics: factor on the queries of the
        lyric encoder's layers 4 and 5, 0.01 for the weakened lyrics of guidance.
        """
        batch = text.shape[0]
        if speaker is None:
            speaker = text.new_zeros(batch, self.config.speaker_embedding_dim)
        lyrics = self.lyric_encoder(self.lyric_embs(lyric_ids), lyric_mask, weaken=weaken_lyrics)
        parts = (
            self.speaker_embedder(speaker.to(self.dtype))[:, None],
            self.genre_embedder(text.to(self.dtype)),
            self.lyric_proj(lyrics),
        )
        masks = (torch.ones(batch, 1, device=text.device), text_mask.float(), lyric_mask.float())
        return Condition(torch.cat(parts, dim=1), torch.cat(masks, dim=1))

    def remember(self, condition: Condition) -> RememberedCondition:
        """Every block's cross-attention keys and values; two matrix products a block, saved at each step."""
        positions = self._positions(condition.states.shape[1])
        made = [block.cross_attn.remember(condition.states, positions) for block in self.blocks]
        return RememberedCondition(tuple(k for k, _ in made), tuple(v for _, v in made), condition.mask)

    def forward(
        self,
        latent: Tensor,
        timestep: Tensor,
        condition: Condition | RememberedCondition,
        *,
        query_scale: Tensor | None = None,
        controlnet: ControlHint | None = None,
        attention_mask: Tensor | None = None,
        tap: Callable[[int, Tensor], None] | None = None,
    ) -> Tensor:
        """latent: [B, 8, 16, T]; timestep: [B], 0 .. 1000 -> velocity [B, 8, 16, T], noise minus data.

        query_scale: [B], factor on the cross-attention queries of blocks 15 to 19. attention_mask: [B, T], 0 or 1, None
        for all. tap: is called with each block's index and output [B, T, D].
        """
        embedded = self.timestep_embedder(timestep, self.dtype)
        temb = self.t_block(embedded).unflatten(-1, (6, -1))
        x = self.proj_in(latent.to(self.dtype))
        if controlnet is not None:
            x = controlnet.added_to(x)
        positions = self._positions(x.shape[1])
        allowed = allowed_pairs(condition.mask, attention_mask)
        for index, block in enumerate(self.blocks):
            x = block(
                x,
                temb,
                self._remembered(condition, index, block),
                positions,
                allowed=allowed,
                mask=attention_mask,
                query_scale=query_scale if index in WEAKENED_BLOCKS else None,
            )
            if tap is not None:
                tap(index, x)
        velocity: Tensor = self.final_layer(x, embedded)
        return velocity

    def _remembered(
        self, condition: Condition | RememberedCondition, index: int, block: Block
    ) -> tuple[Tensor, Tensor]:
        if isinstance(condition, RememberedCondition):
            return condition.keys[index], condition.values[index]
        return block.cross_attn.remember(condition.states, self._positions(condition.states.shape[1]))

    def _positions(self, length: int) -> Rotary:
        return rotary(length, self.config.attention_head_dim, self.config.rope_theta, self.device)
