"""Writes the small sampling cases that ship with the tests, by this project's own code.

    PYTHONPATH=.:tests/support python tests/support/make_loop_goldens.py

They hold today's numbers fast: run it only where the numbers are meant to change, and say why in the commit.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ace_step_goldens.sampling import Recorder, edit_task_of, prompts_of, settings_of, task_of
from ace_step_goldens.seeded import seeded_transformer
from safetensors.torch import save_file
from torch import Tensor

from music_engine.ace_step.sampling.edit import Edit
from music_engine.ace_step.sampling.noise import SeededNoise
from music_engine.ace_step.sampling.sample import sample

FOLDER = Path(__file__).parents[1] / "music_engine/ace_step/goldens"
FRAMES = 9
MODEL: dict[str, Any] = {
    "in_channels": 8,
    "out_channels": 8,
    "patch_size": [16, 1],
    "mlp_ratio": 2.5,
    "rope_theta": 1_000_000.0,
    "speaker_embedding_dim": 512,
    "ssl_names": [],
    "ssl_encoder_depths": [],
    "ssl_latent_dims": [],
    "num_layers": 17,
    "num_attention_heads": 2,
    "attention_head_dim": 8,
    "text_embedding_dim": 8,
    "lyric_encoder_vocab_size": 40,
    "lyric_hidden_size": 8,
    "lyric_encoder": {"output_size": 8, "attention_heads": 2, "linear_units": 16, "num_blocks": 6},
}
PLAIN: dict[str, Any] = {
    "kind": "text2music_diffusion_process",
    "model": MODEL,
    "weights_seed": 1,
    "compat": "fixed",
    "duration": (FRAMES + 0.5) * 4096 / 44100,
    "generator_seeds": [11, 12],
    "retake_generator_seeds": [21, 22],
    "infer_steps": 4,
    "guidance_scale": 7.0,
    "omega_scale": 10.0,
    "scheduler_type": "euler",
    "cfg_type": "apg",
    "zero_steps": 1,
    "use_zero_init": True,
    "guidance_interval": 0.75,
    "guidance_interval_decay": 0.0,
    "min_guidance_scale": 3.0,
    "oss_steps": [],
    "use_erg_tag": True,
    "use_erg_lyric": True,
    "use_erg_diffusion": True,
    "retake_variance": 1.0,
    "add_retake_noise": False,
    "guidance_scale_text": 0.0,
    "guidance_scale_lyric": 0.0,
    "repaint_start": 0.0,
    "repaint_end": 0.0,
    "audio2audio_enable": False,
    "ref_audio_strength": 0.5,
}
CASES: dict[str, dict[str, Any]] = {
    "loop_fixed_ping_pong_batch2": {**PLAIN, "scheduler_type": "pingpong"},
    "loop_fixed_extend_both": {**PLAIN, "add_retake_noise": True, "repaint_start": -0.4, "repaint_end": 1.6},
    "loop_reference_heun_double_batch2": {
        **PLAIN,
        "compat": "reference",
        "scheduler_type": "heun",
        "guidance_scale_text": 5.0,
        "guidance_scale_lyric": 1.5,
    },
    "loop_fixed_edit": {
        **{key: PLAIN[key] for key in ("model", "weights_seed", "compat", "infer_steps", "guidance_scale")},
        "kind": "flowedit_diffusion_process",
        "generator_seeds": [31],
        "scheduler_type": "euler",
        "n_min": 0.25,
        "n_max": 0.75,
        "n_avg": 2,
    },
}


class KeptNoise(SeededNoise):
    """Seeded noise that can be written down afterwards."""

    def __init__(self, seeds: list[int], retake_seeds: list[int], compat: Any) -> None:
        super().__init__(seeds, retake_seeds, compat=compat)
        self.drawn: dict[str, list[Tensor]] = {"initial": [], "retake": [], "step": []}

    def initial(self, frames: int) -> Tensor:
        return self._kept("initial", super().initial(frames))

    def retake(self, frames: int) -> Tensor:
        return self._kept("retake", super().retake(frames))

    def step(self, frames: int) -> Tensor:
        return self._kept("step", super().step(frames))

    def _kept(self, draw: str, noise: Tensor) -> Tensor:
        self.drawn[draw].append(noise)
        return noise


def written_words(draw: np.random.RandomState, side: str, lengths: list[tuple[int, int]]) -> dict[str, Tensor]:
    """Text and lyrics of so many tokens an item, padded to the longest."""
    items, text, lyric = len(lengths), max(t for t, _ in lengths), max(lyric for _, lyric in lengths)
    width = MODEL["text_embedding_dim"]
    masks = [
        torch.tensor([[i < n[part] for i in range(most)] for n in lengths]).long()
        for part, most in ((0, text), (1, lyric))
    ]
    return {
        f"{side}text_states": torch.from_numpy(draw.standard_normal((items, text, width))).float(),
        f"{side}text_states_null": torch.from_numpy(draw.standard_normal((items, text, width))).float(),
        f"{side}text_mask": masks[0],
        f"{side}lyric_ids": torch.from_numpy(draw.randint(1, 40, (items, lyric))).long(),
        f"{side}lyric_mask": masks[1],
    }


def write(name: str, config: dict[str, Any]) -> None:
    """One case."""
    draw = np.random.RandomState(5)
    is_edit = "n_avg" in config
    lengths = [(4, 3), (2, 6)] if config["compat"] == "fixed" else [(4, 5), (4, 5)]
    inputs = written_words(draw, "src_" if is_edit else "", lengths[:1] if is_edit else lengths)
    if is_edit:
        inputs |= written_words(draw, "tar_", lengths[1:])
    if is_edit or config.get("add_retake_noise"):
        items = 1 if is_edit else 2
        inputs["src_latents"] = torch.from_numpy(draw.standard_normal((items, 8, 16, FRAMES))).float()
    settings = settings_of(config)
    task = edit_task_of(config, inputs) if is_edit else task_of(config, inputs)
    prompts = prompts_of(inputs, "tar_" if isinstance(task, Edit) else "")
    seeds = config["generator_seeds"]
    noise = KeptNoise(seeds, config.get("retake_generator_seeds", seeds), settings.compat)
    model = Recorder(seeded_transformer(config["model"], config["weights_seed"]), len(prompts))
    outputs = {"final": sample(model, prompts, task, settings, noise)}
    if is_edit:
        inputs["noises"] = torch.stack(noise.drawn["retake"])
        outputs["trace_first_inputs"] = torch.stack(model.latents[:2])
        outputs["trace_timesteps"] = torch.tensor(model.timesteps)
        config = {**config, "transformer_decode_calls": len(model.timesteps)}
    else:
        inputs["noise_target"] = noise.drawn["initial"][0]
        if noise.drawn["retake"]:
            inputs["noise_retake"] = noise.drawn["retake"][0]
        if noise.drawn["step"]:
            inputs["noise_steps"] = torch.stack(noise.drawn["step"])
        outputs["trace_model_input"], outputs["trace_timesteps"] = model.different()
        config = {**config, "transformer_decode_calls": model.passes // len(prompts)}
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    save_file({key: tensor.contiguous() for key, tensor in inputs.items()}, folder / "inputs.safetensors")
    save_file({key: tensor.contiguous() for key, tensor in outputs.items()}, folder / "outputs.safetensors")


if __name__ == "__main__":
    for case, given in CASES.items():
        write(case, given)
