"""The names and shapes of an ACE-Step v1 checkpoint's tensors, written out from the published layout.

Independent of the package's own modules, so that a wrong name there cannot hide here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

Shapes = dict[str, tuple[int, ...]]

# Widths are shrunk; what the engine's structure hangs on is not: 21 blocks (weakened guidance touches 15 to 19), 12
# text layers (8 and 9), 6693 lyric tokens, latents of 8 x 16, 128 mel bins, 512 samples a mel frame, 44.1 kHz.
TINY: dict[str, dict[str, Any]] = {
    "transformer": {
        "_class_name": "ACEStepTransformer2DModel",
        "in_channels": 8,
        "out_channels": 8,
        "num_layers": 21,
        "inner_dim": 32,
        "num_attention_heads": 2,
        "attention_head_dim": 16,
        "mlp_ratio": 2.5,
        "max_position": 32768,
        "rope_theta": 1000000.0,
        "speaker_embedding_dim": 512,
        "text_embedding_dim": 24,
        "ssl_encoder_depths": [8, 8],
        "ssl_names": ["mert", "m-hubert"],
        "ssl_latent_dims": [20, 12],
        "patch_size": [16, 1],
        "max_height": 16,
        "max_width": 32768,
        "lyric_encoder_vocab_size": 6693,
        "lyric_hidden_size": 24,
        "lyric_encoder": {"output_size": 24, "attention_heads": 4, "linear_units": 48, "num_blocks": 6},
    },
    "dcae": {
        "_class_name": "AutoencoderDC",
        "in_channels": 2,
        "latent_channels": 8,
        "attention_head_dim": 16,
        "encoder_block_types": ["ResBlock", "ResBlock", "ResBlock", "EfficientViTBlock"],
        "decoder_block_types": ["ResBlock", "ResBlock", "ResBlock", "EfficientViTBlock"],
        "encoder_block_out_channels": [8, 8, 16, 32],
        "decoder_block_out_channels": [8, 8, 16, 32],
        "encoder_layers_per_block": [1, 1, 1, 1],
        "decoder_layers_per_block": [1, 1, 1, 1],
        "encoder_qkv_multiscales": [[], [], [5], [5]],
        "decoder_qkv_multiscales": [[], [], [5], [5]],
        "upsample_block_type": "interpolate",
        "downsample_block_type": "Conv",
        "decoder_norm_types": "rms_norm",
        "decoder_act_fns": "silu",
        "scaling_factor": 0.41407,
    },
    "vocoder": {
        "input_channels": 128,
        "depths": [1, 1, 2, 1],
        "dims": [8, 12, 12, 16],
        "drop_path_rate": 0.0,
        "kernel_sizes": [7],
        "upsample_rates": [8, 8, 4, 2],
        "upsample_kernel_sizes": [16, 16, 8, 4],
        "resblock_kernel_sizes": [3, 7],
        "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5]],
        "num_mels": 16,
        "upsample_initial_channel": 32,
        "use_template": False,
        "pre_conv_kernel_size": 13,
        "post_conv_kernel_size": 13,
        "sampling_rate": 44100,
        "n_fft": 2048,
        "win_length": 2048,
        "hop_length": 512,
        "f_min": 40,
        "f_max": 16000,
        "n_mels": 128,
    },
    "text_encoder": {
        "model_type": "umt5",
        "vocab_size": 512,
        "d_model": 24,
        "d_kv": 8,
        "d_ff": 32,
        "num_layers": 12,
        "num_heads": 3,
        "relative_attention_num_buckets": 32,
        "relative_attention_max_distance": 128,
        "layer_norm_epsilon": 1e-6,
        "feed_forward_proj": "gated-gelu",
        "is_encoder_decoder": True,
        "pad_token_id": 0,
        "eos_token_id": 1,
        "decoder_start_token_id": 0,
        "tie_word_embeddings": False,
    },
}


def shapes(part: str, config: Mapping[str, Any]) -> Shapes:
    """Names to shapes of one part's file, dead tensors and buffers included, weight norm as `weight` alone."""
    return {"transformer": _transformer, "dcae": _dcae, "vocoder": _vocoder, "text_encoder": _umt5}[part](config)


def weight_normed(part: str, name: str) -> bool:
    """Whether the published file writes this weight as a magnitude and a direction."""
    return part == "vocoder" and name.startswith("head.") and name.endswith(".weight")


def _linear(name: str, out: int, into: int, *, bias: bool = True) -> Shapes:
    return {f"{name}.weight": (out, into), **({f"{name}.bias": (out,)} if bias else {})}


def _conv(name: str, *shape: int, bias: int | None = None) -> Shapes:
    return {f"{name}.weight": shape, **({f"{name}.bias": (bias,)} if bias else {})}


def _norm(name: str, width: int) -> Shapes:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def _transformer(c: Mapping[str, Any]) -> Shapes:
    width, lyric = c["num_attention_heads"] * c["attention_head_dim"], c["lyric_hidden_size"]
    stem = 2048  # whatever the configuration says
    found: Shapes = {}
    for i in range(c["num_layers"]):
        found |= _block(f"transformer_blocks.{i}", width, int(width * c["mlp_ratio"]))
    found |= _linear("timestep_embedder.linear_1", width, 256) | _linear("timestep_embedder.linear_2", width, width)
    found |= _linear("t_block.1", 6 * width, width)
    found |= _linear("speaker_embedder", width, c["speaker_embedding_dim"])
    found |= _linear("genre_embedder", width, c["text_embedding_dim"])
    found |= {"lyric_embs.weight": (c["lyric_encoder_vocab_size"], lyric)}
    found |= _lyric_encoder(lyric, c.get("lyric_encoder", {}))
    found |= _linear("lyric_proj", width, lyric)
    for i, out in enumerate(c["ssl_latent_dims"]):
        found |= _linear(f"projectors.{i}.0", 2 * width, width) | _linear(f"projectors.{i}.2", 2 * width, 2 * width)
        found |= _linear(f"projectors.{i}.4", out, 2 * width)
    found |= _conv("proj_in.early_conv_layers.0", stem, c["in_channels"], *c["patch_size"], bias=stem)
    found |= _norm("proj_in.early_conv_layers.1", stem) | _conv(
        "proj_in.early_conv_layers.2", width, stem, 1, 1, bias=width
    )
    patch = c["patch_size"][0] * c["patch_size"][1] * c["out_channels"]
    return found | {"final_layer.scale_shift_table": (2, width)} | _linear("final_layer.linear", patch, width)


def _block(name: str, width: int, hidden: int) -> Shapes:
    found: Shapes = {f"{name}.scale_shift_table": (6, width)}
    for projection in ("to_q", "to_k", "to_v", "to_out.0"):
        found |= _linear(f"{name}.attn.{projection}", width, width)
        found |= _linear(f"{name}.cross_attn.{projection}", width, width)
    for dead in ("add_k_proj", "add_v_proj", "add_q_proj", "to_add_out"):
        found |= _linear(f"{name}.cross_attn.{dead}", width, width)
    found |= _conv(f"{name}.ff.inverted_conv.conv", 2 * hidden, width, 1, bias=2 * hidden)
    found |= _conv(f"{name}.ff.depth_conv.conv", 2 * hidden, 1, 3, bias=2 * hidden)
    return found | _conv(f"{name}.ff.point_conv.conv", width, hidden, 1)


def _lyric_encoder(width: int, sizes: Mapping[str, int]) -> Shapes:
    heads, units = sizes.get("attention_heads", 16), sizes.get("linear_units", 4096)
    found = _linear("lyric_encoder.embed.out.0", width, width) | _norm("lyric_encoder.embed.out.1", width)
    found |= _norm("lyric_encoder.after_norm", width)
    for i in range(sizes.get("num_blocks", 6)):
        at = f"lyric_encoder.encoders.{i}"
        for bias in ("u", "v"):
            found[f"{at}.self_attn.pos_bias_{bias}"] = (heads, width // heads)
        for projection in ("linear_q", "linear_k", "linear_v", "linear_out"):
            found |= _linear(f"{at}.self_attn.{projection}", width, width)
        found |= _linear(f"{at}.self_attn.linear_pos", width, width, bias=False)
        found |= _linear(f"{at}.feed_forward.w_1", units, width) | _linear(f"{at}.feed_forward.w_2", width, units)
        found |= _norm(f"{at}.norm_ff", width) | _norm(f"{at}.norm_mha", width)
    return found


def _dcae(c: Mapping[str, Any]) -> Shapes:
    down, up, latent = c["encoder_block_out_channels"], c["decoder_block_out_channels"], c["latent_channels"]
    found = _conv("encoder.conv_in", down[0], c["in_channels"], 3, 3, bias=down[0])
    for i, (width, layers) in enumerate(zip(down, c["encoder_layers_per_block"], strict=True)):
        for j in range(layers):
            found |= _codec_block(f"encoder.down_blocks.{i}.{j}", c, "encoder", i)
        if i + 1 < len(down):
            found |= _conv(f"encoder.down_blocks.{i}.{layers}.conv", down[i + 1], width, 3, 3, bias=down[i + 1])
    found |= _conv("encoder.conv_out", latent, down[-1], 3, 3, bias=latent)
    found |= _conv("decoder.conv_in", up[-1], latent, 3, 3, bias=up[-1])
    for i, (width, layers) in enumerate(zip(up, c["decoder_layers_per_block"], strict=True)):
        first = int(i + 1 < len(up))
        if first:
            found |= _conv(f"decoder.up_blocks.{i}.0.conv", width, up[i + 1], 3, 3, bias=width)
        for j in range(layers):
            found |= _codec_block(f"decoder.up_blocks.{i}.{first + j}", c, "decoder", i)
    found |= _norm("decoder.norm_out", up[0])
    return found | _conv("decoder.conv_out", c["in_channels"], up[0], 3, 3, bias=c["in_channels"])


def _codec_block(name: str, c: Mapping[str, Any], side: str, stage: int) -> Shapes:
    width = c[f"{side}_block_out_channels"][stage]
    if c[f"{side}_block_types"][stage] == "ResBlock":
        found = _conv(f"{name}.conv1", width, width, 3, 3, bias=width) | _conv(f"{name}.conv2", width, width, 3, 3)
        return found | _norm(f"{name}.norm", width)
    scales = c[f"{side}_qkv_multiscales"][stage]
    inner = width // c["attention_head_dim"] * c["attention_head_dim"]
    found = {f"{name}.attn.to_{x}.weight": (inner, width) for x in "qkv"}
    for i, kernel in enumerate(scales):
        at = f"{name}.attn.to_qkv_multiscale.{i}"
        found |= _conv(f"{at}.proj_in", 3 * inner, 1, kernel, kernel)
        found |= _conv(f"{at}.proj_out", 3 * inner, c["attention_head_dim"], 1, 1)
    found |= {f"{name}.attn.to_out.weight": (width, inner * (1 + len(scales)))} | _norm(f"{name}.attn.norm_out", width)
    found |= _conv(f"{name}.conv_out.conv_inverted", 8 * width, width, 1, 1, bias=8 * width)
    found |= _conv(f"{name}.conv_out.conv_depth", 8 * width, 1, 3, 3, bias=8 * width)
    return found | _conv(f"{name}.conv_out.conv_point", width, 4 * width, 1, 1) | _norm(f"{name}.conv_out.norm", width)


def _vocoder(c: Mapping[str, Any]) -> Shapes:
    dims, kernel, mels, top = c["dims"], c["kernel_sizes"][0], c["num_mels"], c["upsample_initial_channel"]
    found = _conv("backbone.channel_layers.0.0", dims[0], c["input_channels"], kernel, bias=dims[0])
    found |= _norm("backbone.channel_layers.0.1", dims[0])
    for i in range(1, len(dims)):
        found |= _norm(f"backbone.channel_layers.{i}.0", dims[i - 1])
        found |= _conv(f"backbone.channel_layers.{i}.1", dims[i], dims[i - 1], 1, bias=dims[i])
    for i, depth in enumerate(c["depths"]):
        for j in range(depth):
            at, width = f"backbone.stages.{i}.{j}", dims[i]
            found |= {f"{at}.gamma": (width,)} | _conv(f"{at}.dwconv", width, 1, kernel, bias=width)
            found |= _norm(f"{at}.norm", width)
            found |= _linear(f"{at}.pwconv1", 4 * width, width) | _linear(f"{at}.pwconv2", width, 4 * width)
    found |= _norm("backbone.norm", dims[-1])
    found |= _conv("head.conv_pre", top, mels, c["pre_conv_kernel_size"], bias=top)
    found |= dict(_generator(c, top))
    last = top // 2 ** len(c["upsample_rates"])
    found |= _conv("head.conv_post", 1, last, c["post_conv_kernel_size"], bias=1)
    found["mel_transform.spectrogram.window"] = (c["win_length"],)
    found["mel_transform.mel_scale.fb"] = (c["n_fft"] // 2 + 1, c["n_mels"])
    return found


def _generator(c: Mapping[str, Any], top: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    kernels = c["resblock_kernel_sizes"]
    for i, kernel in enumerate(c["upsample_kernel_sizes"]):
        width = top // 2 ** (i + 1)
        yield from _conv(f"head.ups.{i}", 2 * width, width, kernel, bias=width).items()
        for j, (size, dilations) in enumerate(zip(kernels, c["resblock_dilation_sizes"], strict=True)):
            for k in range(len(dilations)):
                for convs in ("convs1", "convs2"):
                    at = f"head.resblocks.{len(kernels) * i + j}.{convs}.{k}"
                    yield from _conv(at, width, width, size, bias=width).items()


def _umt5(c: Mapping[str, Any]) -> Shapes:
    width, inner = c["d_model"], c["d_kv"] * c["num_heads"]
    found: Shapes = {"shared.weight": (c["vocab_size"], width)}
    for i in range(c["num_layers"]):
        at = f"encoder.block.{i}.layer"
        for x in "qkv":
            found[f"{at}.0.SelfAttention.{x}.weight"] = (inner, width)
        found[f"{at}.0.SelfAttention.o.weight"] = (width, inner)
        found[f"{at}.0.SelfAttention.relative_attention_bias.weight"] = (
            c["relative_attention_num_buckets"],
            c["num_heads"],
        )
        for gate in ("wi_0", "wi_1"):
            found[f"{at}.1.DenseReluDense.{gate}.weight"] = (c["d_ff"], width)
        found[f"{at}.1.DenseReluDense.wo.weight"] = (width, c["d_ff"])
        for j in (0, 1):
            found[f"{at}.{j}.layer_norm.weight"] = (width,)
    return found | {"encoder.final_layer_norm.weight": (width,)}


def parameters(found: Shapes) -> int:
    """How many numbers the tensors hold together."""
    return sum(prod(shape) for shape in found.values())
