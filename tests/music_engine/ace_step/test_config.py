"""The transformer's sizes, read from its config.json."""

from __future__ import annotations

import pytest
from ace_step_shapes import TINY

from music_engine.ace_step.config import LyricEncoderConfig, TransformerConfig
from scoring.errors import CheckpointRefused

PUBLISHED = {
    "_class_name": "Transformer2DModel",
    "in_channels": 8,
    "out_channels": 8,
    "num_layers": 24,
    "inner_dim": 1,
    "num_attention_heads": 20,
    "attention_head_dim": 128,
    "mlp_ratio": 2.5,
    "rope_theta": 1000000.0,
    "speaker_embedding_dim": 512,
    "text_embedding_dim": 768,
    "ssl_encoder_depths": [8, 8],
    "ssl_names": ["mert", "m-hubert"],
    "ssl_latent_dims": [1024, 768],
    "patch_size": [16, 1],
    "lyric_encoder_vocab_size": 6693,
    "lyric_hidden_size": 1024,
    "a_key_from_the_future": True,
}


def test_the_published_sizes_are_the_defaults_and_unknown_keys_are_passed_over() -> None:
    assert TransformerConfig.from_mapping(PUBLISHED) == TransformerConfig()


def test_the_width_is_heads_times_head_width_whatever_inner_dim_says() -> None:
    config = TransformerConfig.from_mapping(PUBLISHED)
    assert (config.width, config.feed_forward_width) == (2560, 6400)


def test_the_lyric_encoders_sizes_may_be_given() -> None:
    config = TransformerConfig.from_mapping(TINY["transformer"])
    assert config.lyric_encoder == LyricEncoderConfig(24, 4, 48, 6)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("num_layers", 0),
        ("num_layers", "24"),
        ("num_layers", True),
        ("attention_head_dim", 127),
        ("mlp_ratio", -1),
        ("mlp_ratio", float("nan")),
        ("patch_size", [16, 2]),
        ("patch_size", "16"),
        ("ssl_encoder_depths", [8]),
        ("ssl_encoder_depths", [8, 24]),
        ("lyric_encoder", [1024]),
        ("lyric_encoder", {"attention_heads": 3}),
        ("lyric_encoder", {"output_size": 512}),
    ],
)
def test_an_impossible_size_is_refused_with_its_key_and_value(key: str, value: object) -> None:
    with pytest.raises(CheckpointRefused) as refused:
        TransformerConfig.from_mapping({**PUBLISHED, key: value})
    assert key.partition("_depths")[0] in str(refused.value) or "ssl_names" in str(refused.value)


@pytest.mark.parametrize("key", ["num_layers", "patch_size", "lyric_hidden_size", "mlp_ratio"])
def test_a_missing_size_is_refused_by_name(key: str) -> None:
    with pytest.raises(CheckpointRefused, match=key):
        TransformerConfig.from_mapping({name: value for name, value in PUBLISHED.items() if name != key})
