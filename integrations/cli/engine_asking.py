"""The options that say which engine plays and how, the same for every command that takes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from music_engine.options import EngineOptions

EngineName = Annotated[str, typer.Option("--engine", help="A name from `cuesmith engines`, or auto.")]
Fallback = Annotated[
    bool, typer.Option("--fallback/--no-fallback", help="Let another engine stand in when the named one cannot start.")
]
Checkpoint = Annotated[
    Path | None, typer.Option("--checkpoint", help="ace-step-v1: the folder of weights, or a ComfyUI single file.")
]
Steps = Annotated[int | None, typer.Option("--steps", help="ace-step-v1: solver steps. Default: 60.", min=1, max=1000)]
GuidanceScale = Annotated[
    float | None,
    typer.Option("--guidance-scale", help="ace-step-v1: how closely the prompt is kept. Default: 15.", min=0),
]
Lora = Annotated[Path | None, typer.Option("--lora", help="ace-step-v1: a folder or file of LoRA adapters.")]
LoraWeight = Annotated[
    float | None, typer.Option("--lora-weight", help="ace-step-v1: how strongly the LoRA counts. Default: 1.")
]
Device = Annotated[str | None, typer.Option("--device", help="ace-step-v1: auto (default), cpu, cuda or mps.")]
Precision = Annotated[
    str | None, typer.Option("--precision", help="ace-step-v1: auto (default), or a name from docs/ace-step.md.")
]


def ask_engine(
    checkpoint: Path | None,
    steps: int | None,
    guidance_scale: float | None,
    lora: Path | None,
    lora_weight: float | None,
    device: str | None,
    precision: str | None,
) -> EngineOptions:
    """The options as one value; what is not said is left to the settings."""
    from music_engine.options import EngineOptions

    said = {"steps": steps, "guidance_scale": guidance_scale}
    return EngineOptions(
        checkpoint=checkpoint,
        device=device,
        precision=precision,
        lora=lora,
        lora_weight=lora_weight,
        sampling={name: value for name, value in said.items() if value is not None},
    )
