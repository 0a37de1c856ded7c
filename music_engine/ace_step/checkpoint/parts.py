"""The four parts of a checkpoint, where each lies, and what each needs to hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from music_engine.ace_step.fields import refuse_absurd
from scoring.errors import CheckpointRefused

if TYPE_CHECKING:
    from torch import nn

PartName = Literal["transformer", "dcae", "vocoder", "text_encoder"]
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """folder and file: in the published layout; prefix: before its names in ComfyUI's single file; mark: the name of a
    tensor that no other part has. unread: what its file may hold that nothing computes with.
    """

    name: PartName
    title: str
    folder: str
    file: str
    prefix: str
    mark: str
    unread: re.Pattern[str]


PARTS: Mapping[PartName, Part] = {
    part.name: part
    for part in (
        Part(
            "transformer",
            "transformer",
            "ace_step_transformer",
            "diffusion_pytorch_model.safetensors",
            "model.diffusion_model.",
            "lyric_embs.weight",
            # The cross attention's second set of projections, the training heads, and tables that are computed here.
            re.compile(
                r"transformer_blocks\.\d+\.cross_attn\.(add_[qkv]_proj|to_add_out)\.(weight|bias)"
                r"|projectors\.\d+\.\d+\.(weight|bias)|rotary_emb\.\w+"
            ),
        ),
        Part(
            "dcae",
            "autoencoder",
            "music_dcae_f8c8",
            "diffusion_pytorch_model.safetensors",
            "vae.dcae.",
            "encoder.conv_in.weight",
            re.compile("(?!)"),
        ),
        Part(
            "vocoder",
            "vocoder",
            "music_vocoder",
            "diffusion_pytorch_model.safetensors",
            "vae.vocoder.",
            "backbone.channel_layers.0.0.weight",
            re.compile(r"mel_transform\..+"),  # the front end's window and filters, computed here in float32
        ),
        Part(
            "text_encoder",
            "text encoder",
            "umt5-base",
            "model.safetensors",
            "text_encoders.umt5base.transformer.",
            "encoder.block.0.layer.0.SelfAttention.q.weight",
            re.compile("(?!)"),
        ),
    )
}


def build(part: PartName, config: Mapping[str, Any], where: str) -> nn.Module:
    """The part's module without memory, on the meta device. where: what a message calls the configuration.

    Raises CheckpointRefused for sizes that cannot be.
    """
    import torch

    refuse_absurd(config, where)
    try:
        with torch.device("meta"):
            return _BUILDERS[part](config, where)
    except (RuntimeError, ValueError, KeyError, AssertionError, OverflowError) as error:
        # What torch and the libraries say about sizes that do not go together.
        raise CheckpointRefused(
            f"{where}: no module can be made of it ({type(error).__name__}: {error})",
            "Take the config.json that came with the weights",
        ) from error


def needed(module: nn.Module) -> dict[str, Shape]:
    """Names and shapes of what a module must be given, weight norm fused; tied tensors under their first name."""
    shapes, seen = {}, set()
    for name, parameter in module.named_parameters(remove_duplicate=False):
        if id(parameter) not in seen:
            seen.add(id(parameter))
            shapes[name] = tuple(parameter.shape)
    return shapes


def aliases(name: str) -> tuple[str, ...]:
    """Names under which a file may hold the same tensor."""
    return (name, "encoder.embed_tokens.weight") if name == "shared.weight" else (name,)


def _transformer(config: Mapping[str, Any], where: str) -> nn.Module:
    from music_engine.ace_step.config import TransformerConfig
    from music_engine.ace_step.dit.transformer import AceStepTransformer

    return AceStepTransformer(TransformerConfig.from_mapping(config))


def _autoencoder(config: Mapping[str, Any], where: str) -> nn.Module:
    from music_engine.ace_step.codec.autoencoder import Autoencoder
    from music_engine.ace_step.codec.config import AutoencoderConfig

    return Autoencoder(AutoencoderConfig.from_mapping(config, where))


def _vocoder(config: Mapping[str, Any], where: str) -> nn.Module:
    from music_engine.ace_step.codec.config import VocoderConfig
    from music_engine.ace_step.codec.vocoder import Vocoder

    return Vocoder(VocoderConfig.from_mapping(config, where))


def _text_encoder(config: Mapping[str, Any], where: str) -> nn.Module:
    from music_engine.ace_step.text.umt5 import text_model

    model: nn.Module = text_model(config, where)
    return model


_BUILDERS: Mapping[PartName, Callable[[Mapping[str, Any], str], nn.Module]] = {
    "transformer": _transformer,
    "dcae": _autoencoder,
    "vocoder": _vocoder,
    "text_encoder": _text_encoder,
}
