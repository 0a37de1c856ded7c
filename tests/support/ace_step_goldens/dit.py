"""The transformer's cases."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ace_step_goldens.golden import LOOP_TOLERANCE, Golden, below, without_dead
from music_engine.ace_step.config import LyricEncoderConfig, TransformerConfig
from music_engine.ace_step.dit.attention import CrossAttention, LinearAttention, allowed_pairs
from music_engine.ace_step.dit.block import Block
from music_engine.ace_step.dit.conditioning import Condition
from music_engine.ace_step.dit.control import ControlHint
from music_engine.ace_step.dit.feed_forward import GluMbConv
from music_engine.ace_step.dit.linear import Linear
from music_engine.ace_step.dit.lyric_encoder import LyricEncoder, relative_positions
from music_engine.ace_step.dit.patch import FinalLayer, PatchEmbed
from music_engine.ace_step.dit.projectors import projection_loss
from music_engine.ace_step.dit.rotary import rotary, turned
from music_engine.ace_step.dit.timestep import TimestepEmbedder, sinusoid
from music_engine.ace_step.dit.transformer import AceStepTransformer
from music_engine.ace_step.lora import load_lora


def loaded(module: nn.Module, weights: dict[str, Tensor]) -> Any:
    module.load_state_dict(without_dead(weights))
    return module.eval().requires_grad_(False)


def transformer(golden: Golden) -> AceStepTransformer:
    """The model of a case's config and weights, loaded strictly."""
    config = TransformerConfig.from_mapping(golden.config)
    model: AceStepTransformer = loaded(AceStepTransformer(config, with_projectors=True), golden.weights)
    return model


def sized(golden: Golden) -> TransformerConfig:
    """A transformer's config with the sizes a single layer's case gives, the others tiny."""
    given = golden.config
    heads = given.get("heads", 1)
    return TransformerConfig(
        num_attention_heads=heads,
        attention_head_dim=given.get("head_dim", given["dim"] // heads),
        mlp_ratio=given.get("mlp_ratio", 2.5),
    )


def check_rotary(golden: Golden) -> None:
    given, x = golden.config, golden.inputs["x"]
    table = rotary(given["seq_len"], given["head_dim"], given["theta"])
    golden.compare("cos", table.cos)
    golden.compare("sin", signless(table.turn))
    golden.compare("y", turned(x.transpose(1, 2), table).transpose(1, 2))
    rows = given["full_rows"]
    full = rotary(max(rows) + 1, given["full_head_dim"], given["theta"])
    golden.compare("full_cos_rows", full.cos[rows])
    golden.compare("full_sin_rows", signless(full.turn)[rows])


def signless(turn: Tensor) -> Tensor:
    """The sines, without the sign that even channels carry."""
    return turn * torch.tensor([-1.0, 1.0]).repeat(turn.shape[-1] // 2)


def check_time_embed(golden: Golden) -> None:
    width, timestep = golden.config["dim"], golden.inputs["timestep"]
    embedder = loaded(TimestepEmbedder(width), below(golden.weights, "timestep_embedder."))
    block = loaded(nn.Sequential(nn.SiLU(), Linear(6 * width, width)), below(golden.weights, "t_block."))
    embedded = embedder(timestep, torch.float32)
    golden.compare("sinusoid", sinusoid(timestep))
    golden.compare("embedded_timestep", embedded)
    golden.compare("temb", block(embedded))


def check_linear_attention(golden: Golden) -> None:
    given, x, mask = golden.config, golden.inputs["x"], golden.inputs["mask_partial"]
    layer = loaded(LinearAttention(x.shape[-1], given["heads"]), golden.weights)
    table = rotary(x.shape[1], given["head_dim"], given["theta"])
    golden.compare("y_no_mask", layer(x, table))
    golden.compare("y_full_mask", layer(x, table, torch.ones_like(mask)))
    golden.compare("y_partial_mask", layer(x, table, mask))


def check_cross_attention(golden: Golden) -> None:
    given, x, enc = golden.config, golden.inputs["x"], golden.inputs["enc"]
    layer = loaded(CrossAttention(x.shape[-1], given["heads"]), golden.weights)
    queries = rotary(x.shape[1], given["head_dim"], given["theta"])
    remembered = layer.remember(enc, rotary(enc.shape[1], given["head_dim"], given["theta"]))
    mask, partial = golden.inputs["enc_mask"], golden.inputs["mask_partial"]
    golden.compare("y_full", layer(x, remembered, queries))
    golden.compare("y_enc_masked", layer(x, remembered, queries, allowed_pairs(mask, None)))
    both = layer(x, remembered, queries, allowed_pairs(mask, partial))
    golden.compare("y_query_masked_torch2_13", both)


def check_glumbconv(golden: Golden) -> None:
    layer = loaded(GluMbConv(golden.config["dim"], golden.config["hidden"]), golden.weights)
    golden.compare("y", layer(golden.inputs["x"]))


def check_transformer_block(golden: Golden) -> None:
    given, inputs = golden.config, golden.inputs
    block = loaded(Block(sized(golden)), golden.weights)
    temb = inputs["temb"].unflatten(-1, (6, -1))
    allowed = allowed_pairs(inputs["enc_mask"], None)
    for x, enc, y in (("x", inputs["enc"], "y"), ("x_small", torch.zeros_like(inputs["enc"]), "y_small")):
        queries = rotary(inputs[x].shape[1], given["head_dim"], given["theta"])
        keys = rotary(enc.shape[1], given["head_dim"], given["theta"])
        golden.compare(y, block(inputs[x], temb, block.cross_attn.remember(enc, keys), queries, allowed=allowed))


def check_patch_and_final(golden: Golden) -> None:
    latent, embedded = golden.inputs["latent"], golden.inputs["embedded_timestep"]
    config = sized(golden)
    patch = loaded(PatchEmbed(config), below(golden.weights, "proj_in."))
    final = loaded(FinalLayer(config), below(golden.weights, "final_layer."))
    hidden = golden.inputs["hidden"]
    golden.compare("tokens", patch(latent))
    first = golden.outputs["tokens_of_first_7_frames_only"].shape[1]
    golden.compare("tokens_of_first_7_frames_only", patch(latent[..., :first]))
    golden.compare("out", final(hidden, embedded))
    golden.compare("out_small_hidden", final(hidden * 1e-3, embedded))
    for name in ("out_padded", "out_cut"):
        golden.compare(name, final(hidden, embedded, golden.outputs[name].shape[-1]))


def check_lyric_encoder(golden: Golden) -> None:
    x, mask = golden.inputs["x"], golden.inputs["mask"]
    config = LyricEncoderConfig.from_mapping(golden.config)
    encoder = loaded(LyricEncoder(golden.config["input_size"], config), golden.weights)
    golden.compare("y", encoder(x, mask))
    golden.compare("y_erg_tau001_layers4_5", encoder(x, mask, weaken=0.01))
    golden.compare("pos_table", relative_positions(x.shape[1], config.output_size))
    one = torch.ones(1, 1, dtype=mask.dtype)
    golden.compare("y_len1", encoder(x[:1, :1], one))
    golden.compare("y_len1_masked", encoder(x[:1, :1], one * 0))


def encoded(model: AceStepTransformer, inputs: dict[str, Tensor], *, null: bool = False) -> Condition:
    """A case's condition; null: no text, no speaker, no lyrics, of which only the lyrics are masked out."""
    keep = 0 if null else 1
    return model.encode(
        inputs["encoder_text_hidden_states"] * keep,
        inputs["text_attention_mask"],
        inputs["lyric_token_idx"] * keep,
        inputs["lyric_mask"] * keep,
        inputs["speaker_embeds"] * keep,
    )


def check_transformer_tiny(golden: Golden) -> None:
    inputs, model = golden.inputs, transformer(golden)
    condition = encoded(model, inputs)
    golden.compare("encoder_hidden_states", condition.states)
    golden.compare("encoder_hidden_mask", condition.mask)
    tapped: dict[int, Tensor] = {}

    def velocity(condition: Any, **options: Any) -> Tensor:
        mask = inputs["attention_mask"]
        latent, timestep = inputs["hidden_states"], inputs["timestep"]
        found: Tensor = model(latent, timestep, condition, attention_mask=mask, **options)
        return found

    golden.compare("sample", velocity(condition, tap=tapped.__setitem__))
    golden.compare("sample", velocity(model.remember(condition)))
    golden.compare("sample_null", velocity(encoded(model, inputs, null=True)))
    hint = ControlHint(inputs["controlnet_hidden"], golden.config["controlnet_scale"])
    golden.compare("sample_controlnet", velocity(condition, controlnet=hint))
    golden.compare("proj_losses", projection_losses(model, tapped, inputs))


def projection_losses(model: AceStepTransformer, tapped: dict[int, Tensor], inputs: dict[str, Tensor]) -> Tensor:
    """One loss a head, from the blocks' outputs and what the listening models heard."""
    losses = []
    heads = zip(model.config.ssl_encoder_depths, model.projectors, model.config.ssl_names, strict=True)
    for depth, head, name in heads:
        losses.append(projection_loss(head(tapped[depth]), list(inputs[f"ssl_{name.replace('-', '')}"])))
    return torch.stack(losses)


def check_train_loss(golden: Golden) -> None:
    given, inputs = golden.config, golden.inputs
    home = golden.sibling(given["weights"].rpartition("/")[0])
    model, steps = transformer(home), given["num_train_timesteps"]
    linear = (torch.linspace(1, steps, steps) / steps).flip(0)
    table = given["shift"] * linear / (1 + (given["shift"] - 1) * linear)
    golden.compare("train_sigmas_table", table, 1e-6)
    golden.compare("train_timesteps_table", table * steps, 2e-4)
    index = (inputs["u_normal"].sigmoid() * steps).long().clamp(0, steps - 1)
    golden.compare("index", index, 0)
    sigmas = table[index][:, None, None, None]
    noisy = sigmas * inputs["noise"] + (1 - sigmas) * inputs["latents"]
    golden.compare("sigmas", sigmas)
    golden.compare("timesteps", table[index] * steps, 2e-4)
    golden.compare("noisy", noisy)
    tapped: dict[int, Tensor] = {}
    condition = encoded(model, home.inputs)
    mask = home.inputs["attention_mask"]
    v = model(noisy, table[index] * steps, condition, attention_mask=mask, tap=tapped.__setitem__)
    golden.compare("model_out", v)
    wrong = functional.mse_loss(noisy - sigmas * v, inputs["latents"], reduction="none")
    denoising = (wrong.mean(dim=(1, 2, 3)) * mask.mean(dim=1)).mean()
    projection = projection_losses(model, tapped, home.inputs).mean()
    golden.compare("denoising_loss", denoising)
    golden.compare("proj_loss", projection)
    golden.compare("total_loss", denoising + given["ssl_coeff"] * projection)


def check_loop_model(golden: Golden) -> None:
    """The weights the loops share load strictly and give finite numbers."""
    model = transformer(golden)
    frames, width = 5, golden.config["text_embedding_dim"]
    ones = torch.ones(1, 3)
    condition = model.encode(torch.ones(1, 3, width), ones, torch.ones(1, 3, dtype=torch.long), ones)
    assert model(torch.ones(1, 8, 16, frames), torch.tensor([500.0]), condition).isfinite().all()


def check_lora(golden: Golden) -> None:
    found = re.match(r"\S+", golden.config["base"])
    assert found is not None
    base = golden.sibling(found[0])
    model, inputs = transformer(base), base.inputs
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    def sample() -> Tensor:
        latent, mask = inputs["hidden_states"], inputs["attention_mask"]
        v: Tensor = model(latent, inputs["timestep"], encoded(model, inputs), attention_mask=mask)
        return v

    files = {
        "with": golden.folder / "adapter.safetensors",
        "without": golden.folder / "adapter_no_metadata.safetensors",
    }
    for name in sorted(set(golden.outputs) - {"sample_training_model"}):
        which, weight = re.fullmatch(r"sample_(with|without)_metadata_w([\d.]+)", name).groups()  # type: ignore[union-attr]
        lora = load_lora(model, files[which], weight=float(weight), compat="reference")
        golden.compare(name, sample(), LOOP_TOLERANCE)
        lora.unload()
    scale = golden.config["training_scale"]
    for weight, compat in ((1.0, "fixed"), (scale, "reference")):
        lora = load_lora(model, files["with"], weight=weight, compat=compat)
        golden.compare("sample_training_model", sample(), LOOP_TOLERANCE)
        lora.unload()
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


KINDS = {
    "rotary": check_rotary,
    "time_embed": check_time_embed,
    "linear_attention": check_linear_attention,
    "cross_attention": check_cross_attention,
    "glumbconv": check_glumbconv,
    "transformer_block": check_transformer_block,
    "patch_and_final": check_patch_and_final,
    "lyric_encoder": check_lyric_encoder,
    "transformer_tiny": check_transformer_tiny,
    "train_loss": check_train_loss,
    "loop_model": check_loop_model,
    "lora": check_lora,
}
