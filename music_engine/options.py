"""What may be said about engines before one is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What the settings say about engines. None and empty: nothing is said, and the engine chooses for itself.

    soundfont: for the composer. The rest is for ace-step-v1. checkpoint: a folder in the published layout, or a ComfyUI
    single file; None looks in the places of music_engine.ace_step.places. vocabulary: the lyric tokenizer's vocab.json,
    needed for sung words only. device: "auto", "cpu", "cuda", "mps". precision: "auto" or a name of
    music_engine.ace_step.precision. lora: a folder or file of adapters; lora_weight: their strength, 1.0 for None.
    sampling: fields of music_engine.ace_step.sampling.settings.SamplingSettings by name.
    """

    soundfont: Path | None = None
    checkpoint: Path | None = None
    vocabulary: Path | None = None
    device: str | None = None
    precision: str | None = None
    lora: Path | None = None
    lora_weight: float | None = None
    sampling: Mapping[str, object] = field(default_factory=dict)

    def said(self) -> dict[str, Any]:
        """The fields that say something."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) not in (None, {})}

    def over(self, other: EngineOptions) -> EngineOptions:
        """These, and where they say nothing the other's. Another LoRA does not take over the first one's weight."""
        said = self.said()
        if self.lora is not None:
            said["lora_weight"] = self.lora_weight
        return replace(other, **{**said, "sampling": {**other.sampling, **self.sampling}})
