"""One reference case."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

MODULE_TOLERANCE = 1e-4
LOOP_TOLERANCE = 3e-4


class Golden:
    """A folder with config, weights, inputs and outputs, where it has them; everything as float32."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        config = folder / "config.json"
        self.config: dict[str, Any] = json.loads(config.read_text(encoding="utf-8")) if config.exists() else {}
        self.seen: set[str] = set()

    @cached_property
    def weights(self) -> dict[str, Tensor]:
        """Stored in bfloat16 without loss; a config may point to another case's, or say in words what they are."""
        given = str(self.config.get("weights", ""))
        return wide(load_file(self.folder / (given if given.endswith(".safetensors") else "weights.safetensors")))

    @cached_property
    def inputs(self) -> dict[str, Tensor]:
        return load_file(self.folder / "inputs.safetensors")

    @cached_property
    def outputs(self) -> dict[str, Tensor]:
        path = self.folder / "outputs.safetensors"
        return load_file(path) if path.exists() else {}

    def sibling(self, name: str) -> Golden:
        """Another case: "../transformer_tiny"."""
        return Golden((self.folder / name).resolve())

    def compare(self, name: str, found: Tensor, tolerance: float = MODULE_TOLERANCE) -> None:
        """The absolute difference of every element is within the tolerance; shapes are equal; NaN is a difference."""
        expected = self.outputs[name]
        self.seen.add(name)
        assert found.shape == expected.shape, f"{name}: {tuple(found.shape)}, expected {tuple(expected.shape)}"
        worst = (found.double() - expected.double()).abs().max().item() if expected.numel() else 0.0
        print(f"{self.folder.name} {name}: worst {worst:.2e} of {tolerance:.0e}")
        assert worst <= tolerance, f"{name}: differs by {worst:.3g}, allowed {tolerance:g}"

    def pass_over(self, name: str, why: str) -> None:
        """Says that an output is deliberately not compared."""
        assert name in self.outputs, name
        assert why
        self.seen.add(name)

    def unseen(self) -> set[str]:
        """Outputs nobody looked at."""
        return set(self.outputs) - self.seen


def wide(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Floating tensors as float32, the others as they are."""
    return {name: t.float() if t.is_floating_point() else t for name, t in tensors.items()}


def below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors under a module's name, named relative to it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def without_dead(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Less the cross attention's tensors that nothing computes with."""
    return {name: tensor for name, tensor in tensors.items() if not any(dead in name for dead in DEAD)}


DEAD = ("add_q_proj.", "add_k_proj.", "add_v_proj.", "to_add_out.")


def generator(seed: int) -> torch.Generator:
    """A generator on the CPU."""
    return torch.Generator().manual_seed(seed)
