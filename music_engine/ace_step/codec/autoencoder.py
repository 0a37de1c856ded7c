"""Mel images to latents and back: diffusers' deep-compression autoencoder (Chen et al. 2024, "DC-AE").

The class is diffusers' own. Each side is also run in two halves here: the coarse half looks at the whole piece (linear
attention), the fine half is convolutions of a known reach, which can be computed tile by tile without a seam.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from math import ceil
from typing import Any, cast

from torch import Tensor, nn

from music_engine.ace_step.codec.config import AutoencoderConfig
from music_engine.ace_step.codec.tiles import in_tiles, tiles


class Autoencoder(nn.Module):
    """encode: [B, 2, bins, 8 T] -> [B, 8, bins / 8, T]; decode: the way back. Neither scales nor shifts."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        # diffusers costs seconds to import; nothing but this class needs it.
        from diffusers.models.autoencoders.autoencoder_dc import AutoencoderDC

        self.config = config
        whole: Any = AutoencoderDC(**config.arguments())
        self.encoder: Any = whole.encoder
        self.decoder: Any = whole.decoder

    def encode(self, mel: Tensor) -> Tensor:
        """mel: [B, 2, bins, 8 T], -1 .. 1 -> latents [B, 8, bins / 8, T]."""
        return cast(Tensor, self.encoder(mel))

    def decode(self, latent: Tensor) -> Tensor:
        """latent: [B, 8, H, T] -> mel [B, 2, 8 H, 8 T]."""
        return cast(Tensor, self.decoder(latent))

    def decode_coarse(self, latent: Tensor, tile_columns: int | None = None) -> Tensor:
        """latent: [B, 8, H, T] -> [B, C, h, t], all that has to see the whole piece.

        tile_columns: so many columns at a time go through what does not, the feed-forward layers, the widest there are.
        """
        decoder = self.decoder
        repeated = latent.repeat_interleave(decoder.in_shortcut_repeats, dim=1)
        x = decoder.conv_in(latent) + repeated
        for stage in reversed(decoder.up_blocks[self._fine_decoder_stages :]):
            x = _coarse(stage, x, tile_columns)
        return cast(Tensor, x)

    def decode_fine(self, coarse: Tensor) -> Tensor:
        """coarse: from `decode_coarse`, whole or cut in time -> mel [B, 2, 8 H, .]."""
        decoder, x = self.decoder, coarse
        for stage in reversed(decoder.up_blocks[: self._fine_decoder_stages]):
            x = stage(x)
        x = decoder.norm_out(x.movedim(1, -1)).movedim(-1, 1)
        return cast(Tensor, decoder.conv_out(decoder.conv_act(x)))

    def decode_reach(self) -> int:
        """Columns of `decode_coarse` on either side that the fine half of the decoder looks at."""
        resolution, reach = 1, 0.0
        for layers in reversed(self.config.decoder_layers_per_block[: self._fine_decoder_stages]):
            resolution *= 2
            reach += (1 + 2 * layers) / resolution  # a convolution after the change of resolution, two in a block
        return ceil(reach + 1 / resolution)

    def encode_fine(self, mel: Tensor) -> Tensor:
        """mel: [B, 2, bins, F], whole or cut in time -> [B, C, h, columns], all that only looks around itself."""
        encoder = self.encoder
        x = encoder.conv_in(mel)
        for stage in encoder.down_blocks[: self._fine_encoder_stages]:
            x = stage(x)
        return cast(Tensor, x)

    def encode_coarse(self, fine: Tensor, tile_columns: int | None = None) -> Tensor:
        """fine: from `encode_fine`, of the whole piece -> latents [B, 8, H, T]. tile_columns: as for decoding."""
        encoder, x = self.encoder, fine
        for stage in encoder.down_blocks[self._fine_encoder_stages :]:
            x = _coarse(stage, x, tile_columns)
        groups = x.reshape(x.shape[0], -1, encoder.out_shortcut_average_group_size, *x.shape[2:])
        return cast(Tensor, encoder.conv_out(x) + groups.mean(dim=2))

    def encode_reach(self) -> int:
        """Columns of `encode_fine` on either side that one of them looks at."""
        reach, step = 1, 1  # in mel frames; the first convolution
        for layers in self.config.encoder_layers_per_block[: self._fine_encoder_stages]:
            reach += step * (2 * layers + 1)  # two convolutions in a block, one that halves
            step *= 2
        return ceil(reach / step)

    @property
    def mel_frames_per_column(self) -> int:
        """Mel frames for each column of `encode_fine`."""
        return 1 << self._fine_encoder_stages

    @property
    def _fine_encoder_stages(self) -> int:
        return _before_attention(self.config.encoder_block_types)

    @property
    def _fine_decoder_stages(self) -> int:
        return _before_attention(self.config.decoder_block_types)


def _coarse(stage: Any, x: Tensor, tile_columns: int | None) -> Tensor:
    """stage(x), the feed-forward layer behind each attention in tiles; it looks one column to either side."""
    for block in stage:
        if hasattr(block, "attn"):
            x = block.attn(x)
            plan = tiles(x.shape[-1], tile_columns, 1, 1)
            x = in_tiles(block.conv_out, x, plan, repeat(None))
        else:
            x = block(x)
    return x


def _before_attention(kinds: Sequence[str]) -> int:
    """Stages, counted from the finest, without attention; the coarsest is never among them."""
    attending = [index for index, kind in enumerate(kinds) if kind == "EfficientViTBlock"]
    return min(attending, default=len(kinds) - 1)
