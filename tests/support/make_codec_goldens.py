"""Writes the small codec and text cases that ship with the tests, by this project's own code.

    PYTHONPATH=.:tests/support python tests/support/make_codec_goldens.py

They hold today's numbers fast: run it only where the numbers are meant to change, and say why in the commit.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from ace_step_checkpoints import tiny_tensors
from ace_step_goldens.codec import MEL_CASE, autoencoder, mel_config, text_encoder, vocoder
from ace_step_goldens.golden import wide
from ace_step_shapes import TINY
from safetensors.torch import save_file
from torch import Tensor

from music_engine.ace_step.checkpoint.weight_norm import fused_weights
from music_engine.ace_step.codec.duration import decoded_samples, encoded_frames, latent_frames
from music_engine.ace_step.codec.mel import log_mel, magnitudes, mel_filters
from music_engine.ace_step.codec.music_codec import MusicCodec
from music_engine.ace_step.codec.resample import resample
from music_engine.ace_step.text.umt5 import weakened_queries

FOLDER = Path(__file__).parents[1] / "music_engine/ace_step/goldens"
DCAE: dict[str, Any] = {
    **TINY["dcae"],
    "attention_head_dim": 8,
    "encoder_block_out_channels": [8, 8, 8, 16],
    "decoder_block_out_channels": [8, 8, 8, 16],
}
VOCODER: dict[str, Any] = {
    **TINY["vocoder"],
    "depths": [1, 1],
    "dims": [4, 8],
    "num_mels": 8,
    "upsample_initial_channel": 16,
    "resblock_kernel_sizes": [3, 5],
}
UMT5: dict[str, Any] = {**TINY["text_encoder"], "vocab_size": 60, "d_model": 8, "d_kv": 4, "d_ff": 12, "num_heads": 2}

Tensors = dict[str, Tensor]
SHARED = "../music_dcae_small/weights.safetensors"


def noise(*shape: int, seed: int, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def stored(part: str, config: dict[str, Any]) -> Tensors:
    """A part's weights as a case's file holds them."""
    return tiny_tensors(part, config, seed=4, dtype=torch.bfloat16, dead=False)


def write(name: str, config: dict[str, Any], inputs: Tensors, outputs: Tensors, weights: Tensors | None = None) -> None:
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    for file, tensors in (("inputs", inputs), ("outputs", outputs), ("weights", weights)):
        if tensors:
            save_file({key: value.contiguous() for key, value in tensors.items()}, folder / f"{file}.safetensors")


def write_resample() -> None:
    pairs = [(48_000, 44_100, 900), (44_100, 48_000, 700), (22_050, 44_100, 300), (44_100, 16_000, 500)]
    inputs = {f"{a}_{b}": noise(2, samples, seed=i) for i, (a, b, samples) in enumerate(pairs)}
    outputs = {f"{a}_{b}": resample(inputs[f"{a}_{b}"], a, b) for a, b, _ in pairs}
    write("resample_small", {"method": "sinc_interp_hann"}, inputs, outputs)


def write_mel() -> None:
    config, audio = mel_config(MEL_CASE), noise(2, 3072, seed=1, scale=0.2)
    outputs = {
        "log_mel": log_mel(audio, config),
        "log_linear_bins_every16": magnitudes(audio, config).clamp_min(1e-5).log()[:, ::16],
        "mel_fb_column_sums": mel_filters(config).sum(0),
        "mel_fb_row_sums": mel_filters(config).sum(1),
    }
    write("mel_small", MEL_CASE, {"audio": audio}, outputs)


def write_codec() -> None:
    parts = {"dcae": stored("dcae", DCAE), "vocoder": stored("vocoder", VOCODER)}
    both = {f"{part}.{name}": tensor for part, tensors in parts.items() for name, tensor in tensors.items()}
    ours = MusicCodec(autoencoder(DCAE, wide(parts["dcae"])), vocoder(VOCODER, fused_weights(wide(parts["vocoder"]))))
    given = {
        "audio_22k": noise(2, 1500, seed=1, scale=0.2),
        "audio_48k": noise(2, 3000, seed=2, scale=0.2),
        "audio_44k_batch": noise(2, 2, 1800, seed=3, scale=0.2),
        "audio_lengths": torch.tensor([1800, 1000]),
        "latents": noise(1, 8, 16, 1, seed=4),
    }
    outputs = {
        "latents_22k": ours.encode(given["audio_22k"], 22_050)[None],
        "latents_48k": ours.encode(given["audio_48k"], 48_000)[None],
        "latents_44k_batch": torch.stack([ours.encode(audio, 44_100) for audio in given["audio_44k_batch"]]),
        "len_22k": torch.tensor([encoded_frames(1500, 22_050)]),
        "len_48k": torch.tensor([encoded_frames(3000, 48_000)]),
        "len_44k": torch.tensor([encoded_frames(1800, 44_100), encoded_frames(1000, 44_100)]),
        "wav_44100": torch.stack([ours.decode(latent, 44_100) for latent in given["latents"]]),
        "wav_48000": torch.stack([ours.decode(latent, 48_000) for latent in given["latents"]]),
        "roundtrip_48k": ours.decode(ours.encode(given["audio_48k"], 48_000), 48_000),
    }
    write("music_dcae_small", {"dcae": DCAE, "vocoder": VOCODER}, given, outputs, both)
    write_overlap(ours)


def write_overlap(ours: MusicCodec) -> None:
    latents = noise(1, 8, 16, 66, seed=5)
    sound = ours.decode_overlapped(latents[0], 44_100)
    starts = [0, 259_960, sound.shape[1] - 400]
    outputs = {f"wav_slice{i}": sound[:, start : start + 400] for i, start in enumerate(starts)}
    outputs["block_rms"] = sound.unflatten(1, (-1, 4096)).square().mean(-1).sqrt()
    config = {
        "weights": SHARED,
        "frames": 66,
        "num_samples": sound.shape[1],
        "slice_starts": starts,
        "slice_len": 400,
        "block": 4096,
    }
    write("decode_overlap_small", config, {"latents": latents}, outputs)


def write_text() -> None:
    weights = stored("text_encoder", UMT5)
    model = text_encoder(UMT5, wide(weights))
    ids = torch.randint(2, 60, (2, 9), generator=torch.Generator().manual_seed(1))
    mask = torch.tensor([[1] * 9, [1] * 5 + [0] * 4])
    outputs = {"last_hidden_state": model(input_ids=ids, attention_mask=mask).last_hidden_state}
    with weakened_queries(model, [8, 9], 0.01):
        outputs["last_hidden_state_erg_null"] = model(input_ids=ids, attention_mask=mask).last_hidden_state
    config = {**UMT5, "erg_tau": 0.01, "erg_layers": [8, 9]}
    write("umt5_small", config, {"input_ids": ids, "attention_mask": mask}, outputs, weights)


def write_duration() -> None:
    rows = []
    for duration_s in (0.05, 0.1, 3, 7.77, 30, 30.01, 95.2, 240):
        frames = latent_frames(duration_s)
        samples = {f"samples_{rate}": decoded_samples(frames, rate) for rate in (44_100, 48_000)}
        rows.append({"duration": duration_s, "frames": frames, **samples})
    write("duration_table_small", {"rows": rows}, {}, {})


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    for make in (write_resample, write_mel, write_codec, write_text, write_duration):
        make()
