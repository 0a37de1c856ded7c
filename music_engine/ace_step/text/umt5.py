"""transformers' UMT5 encoder (Chung et al. 2023, "UniMax"), and how its queries are weakened for guidance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, nn

from music_engine.ace_step.fields import MAX_LAYERS, Fields

# ACE-Step v1 reference, entropy rectifying guidance of the tags: attention there is almost its position bias alone.
WEAKENED_BLOCKS = (8, 9)
WEAKENED_SCALE = 0.01

_SIZES = ("vocab_size", "d_model", "d_kv", "d_ff", "num_heads", "relative_attention_num_buckets")


def text_model(config: Mapping[str, Any], where: str = "the text encoder's config.json") -> Any:
    """A `UMT5EncoderModel` with weights as torch makes them; on the meta device, with none.

    config: its `config.json`, read; keys that UMT5 does not know are passed over. Raises CheckpointRefused.
    """
    # transformers costs seconds to import; nothing but this function needs it.
    from transformers import UMT5Config, UMT5EncoderModel

    fields = Fields(config, where)
    sizes: dict[str, Any] = {name: fields.count(name) for name in _SIZES}
    return UMT5EncoderModel(
        UMT5Config(
            **sizes,
            num_layers=fields.count("num_layers", at_most=MAX_LAYERS),
            relative_attention_max_distance=fields.count("relative_attention_max_distance"),
            layer_norm_epsilon=fields.number("layer_norm_epsilon"),
            feed_forward_proj=fields.among("feed_forward_proj", ("gated-gelu",)),
            dropout_rate=0.0,
            use_cache=False,
        )
    )


@contextmanager
def weakened_queries(
    model: Any, blocks: Sequence[int] = WEAKENED_BLOCKS, scale: float = WEAKENED_SCALE
) -> Iterator[None]:
    """While open, the query projections of these blocks give `scale` times what they compute."""

    def weaken(layer: nn.Module, given: tuple[Tensor, ...], queries: Tensor) -> Tensor:
        return queries * scale

    with ExitStack() as hooks:
        for index in blocks:
            projection: nn.Module = model.encoder.block[index].layer[0].SelfAttention.q
            hooks.callback(projection.register_forward_hook(weaken).remove)
        yield
