"""Sizes of the transformer, as its `config.json` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scoring.errors import CheckpointRefused

PATCH_CHANNELS = 2048  # 8 latent channels x 256, whatever the file says: the width between the patch embedding's layers
PATCH_GROUPS = 32  # of its group norm
TIMESTEP_CHANNELS = 256  # of the sinusoid before the timestep's two layers
LATENT_FRAMES_PER_S = 44_100 / 512 / 8


@dataclass(frozen=True, slots=True)
class LyricEncoderConfig:
    """Sizes of the lyric encoder. The checkpoint's `config.json` does not give them; these are its own."""

    output_size: int = 1024
    attention_heads: int = 16
    linear_units: int = 4096
    num_blocks: int = 6

    @classmethod
    def from_mapping(cls, found: Mapping[str, Any]) -> LyricEncoderConfig:
        """found: the table `lyric_encoder`. Keys it does not know are passed over. Raises CheckpointRefused."""
        sizes = {name: _count(found, name, f"lyric_encoder.{name}") for name in cls.__slots__ if name in found}
        config = cls(**sizes)
        if config.output_size % config.attention_heads or config.output_size % 2:
            allowed = f"an even number that {config.attention_heads} attention_heads divide"
            raise _refused("lyric_encoder.output_size", config.output_size, allowed)
        return config


@dataclass(frozen=True, slots=True)
class TransformerConfig:
    """Sizes of the transformer; the defaults are the 3.5B checkpoint's. The width is heads x head width.

    latent: [in_channels, patch_height, frames]; one token per frame. ssl_*: the training heads, one entry each.
    """

    in_channels: int = 8
    out_channels: int = 8
    patch_height: int = 16
    num_layers: int = 24
    num_attention_heads: int = 20
    attention_head_dim: int = 128
    mlp_ratio: float = 2.5
    rope_theta: float = 1_000_000.0
    speaker_embedding_dim: int = 512
    text_embedding_dim: int = 768
    lyric_vocabulary: int = 6693
    lyric_hidden_size: int = 1024
    lyric_encoder: LyricEncoderConfig = field(default_factory=LyricEncoderConfig)
    ssl_encoder_depths: tuple[int, ...] = (8, 8)
    ssl_names: tuple[str, ...] = ("mert", "m-hubert")
    ssl_latent_dims: tuple[int, ...] = (1024, 768)

    @property
    def width(self) -> int:
        """Channels of a token; `inner_dim` in the file is not consulted, as the reference does not consult it."""
        return self.num_attention_heads * self.attention_head_dim

    @property
    def feed_forward_width(self) -> int:
        """Channels inside a block's feed-forward layer, of one half."""
        return int(self.width * self.mlp_ratio)

    @classmethod
    def from_mapping(cls, found: Mapping[str, Any]) -> TransformerConfig:
        """found: a `config.json`, read. Every size but the lyric encoder's must be there; unknown keys are passed over.

        Raises CheckpointRefused with the key, what was found and what is allowed.
        """
        patch = _numbers(found, "patch_size")
        if len(patch) != 2 or patch[1] != 1:
            raise _refused("patch_size", found["patch_size"], "[height, 1]: one token per latent frame")
        names = found.get("ssl_names", cls.__dataclass_fields__["ssl_names"].default)
        lyric = found.get("lyric_encoder", {})
        if not isinstance(lyric, Mapping):
            raise _refused("lyric_encoder", lyric, "a table of sizes")
        config = cls(
            in_channels=_count(found, "in_channels"),
            out_channels=_count(found, "out_channels"),
            patch_height=patch[0],
            num_layers=_count(found, "num_layers"),
            num_attention_heads=_count(found, "num_attention_heads"),
            attention_head_dim=_count(found, "attention_head_dim"),
            mlp_ratio=_positive(found, "mlp_ratio"),
            rope_theta=_positive(found, "rope_theta"),
            speaker_embedding_dim=_count(found, "speaker_embedding_dim"),
            text_embedding_dim=_count(found, "text_embedding_dim"),
            lyric_vocabulary=_count(found, "lyric_encoder_vocab_size"),
            lyric_hidden_size=_count(found, "lyric_hidden_size"),
            lyric_encoder=LyricEncoderConfig.from_mapping({"output_size": found["lyric_hidden_size"], **lyric}),
            ssl_encoder_depths=_numbers(found, "ssl_encoder_depths"),
            ssl_names=tuple(str(name) for name in names),
            ssl_latent_dims=_numbers(found, "ssl_latent_dims"),
        )
        config._check()
        return config

    def _check(self) -> None:
        if self.attention_head_dim % 2:
            raise _refused("attention_head_dim", self.attention_head_dim, "an even number: rotary pairs")
        if self.lyric_encoder.output_size != self.lyric_hidden_size:
            raise _refused("lyric_encoder.output_size", self.lyric_encoder.output_size, f"{self.lyric_hidden_size}")
        if not len(self.ssl_encoder_depths) == len(self.ssl_names) == len(self.ssl_latent_dims):
            raise _refused("ssl_names", list(self.ssl_names), "as many names as depths and widths")
        if any(depth >= self.num_layers for depth in self.ssl_encoder_depths):
            raise _refused("ssl_encoder_depths", list(self.ssl_encoder_depths), f"below {self.num_layers} layers")


def _refused(key: str, found: object, allowed: str) -> CheckpointRefused:
    return CheckpointRefused(
        f"the transformer's config.json: {key} is {found!r}, allowed: {allowed}",
        "Take the config.json that came with the weights",
    )


def _get(found: Mapping[str, Any], key: str, shown: str) -> object:
    if key not in found:
        raise _refused(shown, None, "a value; the key is missing")
    value: object = found[key]
    return value


def _count(found: Mapping[str, Any], key: str, shown: str = "") -> int:
    value = _get(found, key, shown or key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _refused(shown or key, value, "a whole number from 1")
    return value


def _positive(found: Mapping[str, Any], key: str) -> float:
    value = _get(found, key, key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise _refused(key, value, "a number above 0")
    return float(value)


def _numbers(found: Mapping[str, Any], key: str) -> tuple[int, ...]:
    value = _get(found, key, key)
    if not isinstance(value, list | tuple) or not all(type(one) is int and one >= 0 for one in value):
        raise _refused(key, value, "a list of whole numbers")
    return tuple(value)
