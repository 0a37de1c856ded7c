"""The sampler's cases: schedules, solvers, guidance and whole runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor

from ace_step_goldens.dit import transformer
from ace_step_goldens.golden import LOOP_TOLERANCE, Golden
from ace_step_goldens.seeded import seeded_transformer
from music_engine.ace_step.codec.duration import latent_frames
from music_engine.ace_step.dit.transformer import AceStepTransformer
from music_engine.ace_step.sampling.edit import Edit
from music_engine.ace_step.sampling.guidance import (
    Momentum,
    adaptive_projected,
    classifier_free,
    double_condition,
    zero_star,
)
from music_engine.ace_step.sampling.noise import GivenNoise, SeededNoise
from music_engine.ace_step.sampling.prompt import Prompt
from music_engine.ace_step.sampling.ranges import FrameRange
from music_engine.ace_step.sampling.sample import Task, sample
from music_engine.ace_step.sampling.settings import SamplingSettings
from music_engine.ace_step.sampling.solver import Omega, solver_for
from music_engine.ace_step.sampling.tasks import AudioToAudio, Extend, Repaint, Retake, TextToMusic
from music_engine.ace_step.schedule import Schedule, chosen_schedule, flow_schedule, training_sigmas
from scoring.errors import InputError

SOLVERS = {"euler": "euler", "heun": "heun", "pingpong": "ping_pong"}
TIMESTEP_TOLERANCE = 2e-4
SIGMA_TOLERANCE = 1e-6


def check_scheduler_tables(golden: Golden) -> None:
    """Keys are kind.steps.sigma_max.table, and the name of a list of chosen steps in the config."""
    for key in sorted(golden.outputs):
        name, _, table = key.rpartition(".")
        if name in golden.config:
            schedule, sigma_max = chosen_schedule(golden.config[name]), 1.0
        else:
            kind, steps, sigma = name.split(".", 2)
            sigma_max = float(sigma)
            schedule = flow_schedule(int(steps), sigma_max)
            schedule = schedule.twice() if kind == "heun" else schedule
        if table == "sigmas":
            golden.compare(key, schedule.sigmas, SIGMA_TOLERANCE)
        elif table == "timesteps":
            golden.compare(key, schedule.timesteps, TIMESTEP_TOLERANCE)
        else:
            meta = [float(schedule.steps), float(training_sigmas(sigma_max)[-1]), schedule.start_sigma]
            golden.compare(key, torch.tensor(meta), SIGMA_TOLERANCE)


def check_scheduler_steps(golden: Golden) -> None:
    """A field that is linear in x, followed by every solver."""
    inputs, plain = golden.inputs, flow_schedule(golden.config["N"])
    golden.compare("omega_rescaled", torch.tensor([Omega.of(float(omega)).factor for omega in inputs["omega"]]))
    for name in ("euler", "heun"):
        for omega in golden.config["omegas"]:
            visited = followed(name, plain.twice() if name == "heun" else plain, inputs, omega)
            for label, latent in (("first", visited[0]), ("second", visited[1]), ("final", visited[-1])):
                golden.compare(f"{name}.omega{omega}.{label}", latent)
    visited = followed("pingpong", plain, inputs, 10.0)
    for label in sorted(key for key in golden.outputs if key.startswith("pingpong.step")):
        golden.compare(label, visited[int(label.removeprefix("pingpong.step"))])
    golden.compare("pingpong.final", visited[-1])


def followed(name: str, schedule: Schedule, inputs: dict[str, Tensor], omega: float) -> list[Tensor]:
    """The latents after every call."""
    noises = iter(inputs["pingpong_noise"])
    settings = SamplingSettings(solver=SOLVERS[name], omega=omega, compat="reference")  # type: ignore[arg-type]
    solver = solver_for(settings, schedule, lambda: next(noises))
    latent, visited = inputs["x"], []
    for call, timestep in enumerate(schedule.timesteps):
        velocity = inputs["a"] * latent + inputs["b"] + 0.3 * timestep / 1000
        latent = solver.advance(latent, velocity, call)
        visited.append(latent)
    return visited


def check_guidance(golden: Golden) -> None:
    inputs, given = golden.inputs, golden.config
    c, u, scale = inputs["cond0"], inputs["uncond0"], given["guidance_scale"]
    double = torch.float64
    golden.compare("cfg", classifier_free(c, u, scale))
    golden.compare("apg_nomom", adaptive_projected(c, u, scale, dtype=double))
    momentum = Momentum()
    for key in sorted(key for key in golden.outputs if key.startswith("apg_mom")):
        i = key.removeprefix("apg_mom")
        found = adaptive_projected(inputs[f"cond{i}"], inputs[f"uncond{i}"], scale, momentum, dtype=double)
        golden.compare(key, found)
    for key in golden.outputs:
        if parts := re.fullmatch(r"apg_eta(\d)(\d+)_thr(\d+)", key):
            eta, threshold = float(f"{parts[1]}.{parts[2]}"), float(parts[3])
            golden.compare(key, adaptive_projected(c, u, scale, eta=eta, norm_threshold=threshold, dtype=double))
        elif parts := re.fullmatch(r"zero_star_(step(\d+)|noinit)", key):
            settings = SamplingSettings(guidance="cfg_star", guidance_scale=scale, use_zero_init=bool(parts[2]))
            starred = zero_star(c, u, scale)
            golden.compare(key, starred * 0 if settings.predicts_zero(int(parts[2] or 0)) else starred)
    text, lyric = given["guidance_scale_text"], given["guidance_scale_lyric"]
    golden.compare("double", double_condition(c, u, inputs["only_text"], text, lyric))


@dataclass
class Recorder:
    """A transformer that remembers what it was asked. items: of the batch; passes: items of all calls together."""

    model: AceStepTransformer
    items: int
    latents: list[Tensor] = field(default_factory=list)
    timesteps: list[float] = field(default_factory=list)
    passes: int = 0

    def encode(self, *args: Any, **options: Any) -> Any:
        return self.model.encode(*args, **options)

    def remember(self, condition: Any) -> Any:
        return self.model.remember(condition)

    def __call__(self, latent: Tensor, timestep: Tensor, condition: Any, **options: Any) -> Tensor:
        self.latents.append(latent[: self.items])
        self.timesteps.append(float(timestep[0]))
        self.passes += len(latent)
        velocity: Tensor = self.model(latent, timestep, condition, **options)
        return velocity

    def different(self) -> tuple[Tensor, Tensor]:
        """The inputs and timesteps, less those that both equal the call's before."""
        calls = list(zip(self.latents, self.timesteps, strict=True))
        kept = calls[:1]
        for call in calls[1:]:
            if call[1] != kept[-1][1] or not torch.equal(call[0], kept[-1][0]):
                kept.append(call)
        return torch.stack([latent for latent, _ in kept]), torch.tensor([timestep for _, timestep in kept])


def check_loop(golden: Golden) -> None:
    """A whole run, recognised by what its config says."""
    runs: dict[str, Callable[[Golden], None]] = {
        "text2music_diffusion_process": check_run,
        "flowedit_diffusion_process": check_edit,
    }
    runs[golden.config["kind"]](golden)


def check_run(golden: Golden) -> None:
    given, inputs = golden.config, golden.inputs
    prompts, task = prompts_of(inputs), task_of(given, inputs)
    model = Recorder(model_of(golden), len(prompts))
    noise = GivenNoise([inputs["noise_target"]], inputs_of(inputs, "noise_retake"), inputs.get("noise_steps", ()))
    check_seeds(given, inputs)
    if "reference_raises" in given:
        with pytest.raises(InputError):
            sample(model, prompts, task, settings_of(given), noise)
        if isinstance(task, Extend):
            check_mended(golden, task)
        return
    golden.compare("final", sample(model, prompts, task, settings_of(given), noise), LOOP_TOLERANCE)
    latents, timesteps = model.different()
    golden.compare("trace_model_input", latents, LOOP_TOLERANCE)
    golden.compare("trace_timesteps", timesteps, TIMESTEP_TOLERANCE)
    if "transformer_decode_calls" in given:
        assert model.passes / len(prompts) == given["transformer_decode_calls"]


def check_mended(golden: Golden, task: Extend) -> None:
    """What the reference cannot extend, the product can: the length asked for, the source kept."""
    given = golden.config
    noise = SeededNoise(given["generator_seeds"], given["retake_generator_seeds"])
    found = sample(model_of(golden), prompts_of(golden.inputs), task, settings_of(given, "fixed"), noise)
    left, right = round(task.start_s * 44100 / 4096), round(task.end_s * 44100 / 4096)
    assert found.isfinite().all()
    assert found.shape[-1] == right - left
    assert torch.equal(found[..., -left : task.source.shape[-1] - left], task.source)


def check_seeds(given: dict[str, Any], inputs: dict[str, Tensor]) -> None:
    """Our seeds give the noise that the case was made with."""
    if "generator_seeds" not in given:
        return
    noise = SeededNoise(given["generator_seeds"], given["retake_generator_seeds"], compat=compat_of(given))
    draws = [(noise.initial, [inputs["noise_target"]])]
    draws += [(noise.retake, inputs_of(inputs, "noise_retake")), (noise.step, list(inputs.get("noise_steps", ())))]
    for draw, expected in draws:
        for drawn in expected:
            torch.testing.assert_close(draw(drawn.shape[-1]), drawn, atol=1e-5, rtol=0)


def check_edit(golden: Golden) -> None:
    given, inputs = golden.config, golden.inputs
    settings, task, source = settings_of(given), edit_task_of(given, inputs), inputs["src_latents"]
    model = Recorder(model_of(golden), len(source))
    draws = edit_draws(task, settings, inputs)
    if "generator_seeds" in given:
        seeded = SeededNoise(given["generator_seeds"], given["generator_seeds"])
        for drawn in draws:
            torch.testing.assert_close(seeded.retake(source.shape[-1]), drawn, atol=1e-5, rtol=0)
    found = sample(model, prompts_of(inputs, "tar_"), task, settings, GivenNoise(retake=draws))
    golden.compare("final", found, LOOP_TOLERANCE)
    first = len(golden.outputs["trace_first_inputs"])
    golden.compare("trace_first_inputs", torch.stack(model.latents[:first]), LOOP_TOLERANCE)
    golden.compare("trace_timesteps", torch.tensor(model.timesteps), TIMESTEP_TOLERANCE)
    if "transformer_decode_calls" in given:
        assert len(model.timesteps) == given["transformer_decode_calls"]


def edit_draws(task: Edit, settings: SamplingSettings, inputs: dict[str, Tensor]) -> list[Tensor]:
    """The noise in the order it was drawn: the case keeps the solver's apart."""
    noises, steps = list(inputs["noises"]), list(inputs.get("noise_steps", ()))
    if not steps:
        return noises
    first, led = int(settings.steps * task.n_min), int(settings.steps * task.n_max)
    draws: list[Tensor] = []
    for call in range(first, first + len(steps)):
        count = task.n_avg if call < led else 1 if call == led else 0
        draws += [*noises[:count], steps[call - first]]
        noises = noises[count:]
    assert not noises
    return draws


def model_of(golden: Golden) -> AceStepTransformer:
    """The model that a run shares with others: its weights' folder says its config. Ours come from a seed."""
    if "weights_seed" in golden.config:
        return seeded_transformer(golden.config["model"], golden.config["weights_seed"])
    return transformer(golden.sibling(golden.config["weights"].rpartition("/")[0]))


def prompts_of(inputs: dict[str, Tensor], side: str = "") -> list[Prompt]:
    """One prompt per item. side: prefix of the inputs' names."""
    nothing = [None] * len(inputs[f"{side}text_states"])
    return [
        Prompt(*parts)
        for parts in zip(
            inputs[f"{side}text_states"],
            inputs[f"{side}text_mask"],
            inputs[f"{side}lyric_ids"],
            inputs[f"{side}lyric_mask"],
            inputs.get(f"{side}text_states_null", nothing),
            inputs.get(f"{side}speaker", nothing),
            strict=True,
        )
    ]


def compat_of(given: dict[str, Any]) -> Any:
    """The reference's cases say nothing; ours say what they hold fast."""
    return given.get("compat", "reference")


def edit_task_of(given: dict[str, Any], inputs: dict[str, Tensor]) -> Edit:
    return Edit(inputs["src_latents"], prompts_of(inputs, "src_"), given["n_min"], given["n_max"], given["n_avg"])


def settings_of(given: dict[str, Any], compat: str | None = None) -> SamplingSettings:
    """compat: in place of the case's own."""
    solver: Any = SOLVERS[given["scheduler_type"]]
    chosen: Any = compat or compat_of(given)
    if given["kind"] == "flowedit_diffusion_process":
        return SamplingSettings(given["infer_steps"], given["guidance_scale"], solver=solver, compat=chosen)
    return SamplingSettings(
        steps=given["infer_steps"],
        guidance_scale=given["guidance_scale"],
        guidance=given["cfg_type"],
        solver=solver,
        omega=given["omega_scale"],
        guidance_interval=given["guidance_interval"],
        guidance_interval_decay=given["guidance_interval_decay"],
        min_guidance_scale=given["min_guidance_scale"],
        guidance_scale_text=given["guidance_scale_text"],
        guidance_scale_lyric=given["guidance_scale_lyric"],
        erg_tag=given["use_erg_tag"],
        erg_lyric=given["use_erg_lyric"],
        erg_diffusion=given["use_erg_diffusion"],
        oss_steps=tuple(given["oss_steps"]),
        zero_steps=given["zero_steps"],
        use_zero_init=given["use_zero_init"],
        compat=chosen,
    )


def task_of(given: dict[str, Any], inputs: dict[str, Tensor]) -> Task:
    """The reference has one function for all tasks; which it does follows from the options and the range."""
    variance = given["retake_variance"]
    if given["audio2audio_enable"] and "ref_latents" in inputs:
        varied = variance if given["add_retake_noise"] else 0.0
        return AudioToAudio(inputs["ref_latents"], given["ref_audio_strength"], varied)
    if not given["add_retake_noise"]:
        return TextToMusic(latent_frames(given["duration"]))
    if "src_latents" not in inputs:
        return Retake(latent_frames(given["duration"]), variance)
    source, start_s, end_s = inputs["src_latents"], given["repaint_start"], given["repaint_end"]
    asked = FrameRange.between(start_s, end_s, SamplingSettings(compat=compat_of(given)))
    if asked.start < 0 or asked.end > source.shape[-1]:
        return Extend(source, start_s, end_s, variance)
    return Repaint(source, start_s, end_s, variance)


def inputs_of(inputs: dict[str, Tensor], name: str) -> list[Tensor]:
    """An input that not every case has."""
    return [inputs[name]] if name in inputs else []


KINDS = {
    "scheduler_tables": check_scheduler_tables,
    "scheduler_steps": check_scheduler_steps,
    "guidance": check_guidance,
    "loop": check_loop,
}
