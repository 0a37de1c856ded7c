"""The noise a run uses, drawn item by item on the CPU in float32, so that a seed sounds the same on every device."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from music_engine.ace_step.compat import Compat
from scoring.errors import InputError

LATENT_SHAPE = (8, 16)  # channels, height: what stands before the frames of every latent


class Noise(Protocol):
    """Standard normal noise in the order a run asks for it, each [B, 8, 16, frames] float32."""

    def initial(self, frames: int) -> Tensor:
        """What a run starts from."""
        ...

    def retake(self, frames: int) -> Tensor:
        """What a variation mixes in, an extension adds and an edit disturbs the source with."""
        ...

    def step(self, frames: int) -> Tensor:
        """What the ping-pong solver adds after each step."""
        ...


class SeededNoise:
    """Noise from one generator per item, and a second one per item for retakes.

    seeds, retake_seeds: one per item. compat: with "fixed" an item's step noise comes from its own generator; with
    "reference" that of the whole batch comes from the first item's, so it depends on the batch. A run moves the
    generators on: make a new one for every run.
    """

    def __init__(self, seeds: Sequence[int], retake_seeds: Sequence[int] = (), *, compat: Compat = "fixed") -> None:
        self._generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        self._retake_generators = [torch.Generator("cpu").manual_seed(seed) for seed in retake_seeds]
        self._shares_step_noise = compat == "reference"

    def initial(self, frames: int) -> Tensor:
        """From the seeds."""
        return _drawn(self._generators, frames)

    def retake(self, frames: int) -> Tensor:
        """From the retake seeds. Raises InputError when there is not one per item."""
        if len(self._retake_generators) != len(self._generators):
            raise InputError(
                f"there are {len(self._retake_generators)} retake seeds for {len(self._generators)} items",
                "Give a retake seed for every item",
            )
        return _drawn(self._retake_generators, frames)

    def step(self, frames: int) -> Tensor:
        """From the seeds, after the initial noise."""
        if self._shares_step_noise:
            shape = (len(self._generators), *LATENT_SHAPE, frames)
            return torch.randn(shape, generator=self._generators[0], dtype=torch.float32)
        return _drawn(self._generators, frames)


class GivenNoise:
    """Noise that was drawn before, handed out in order. Raises InputError when it runs out or has other lengths."""

    def __init__(self, initial: Iterable[Tensor] = (), retake: Iterable[Tensor] = (), step: Iterable[Tensor] = ()):
        self._initial, self._retake, self._step = iter(initial), iter(retake), iter(step)

    def initial(self, frames: int) -> Tensor:
        """The next of `initial`."""
        return _given(next(self._initial, None), frames)

    def retake(self, frames: int) -> Tensor:
        """The next of `retake`."""
        return _given(next(self._retake, None), frames)

    def step(self, frames: int) -> Tensor:
        """The next of `step`."""
        return _given(next(self._step, None), frames)


def _drawn(generators: Sequence[torch.Generator], frames: int) -> Tensor:
    shape = (1, *LATENT_SHAPE, frames)
    return torch.cat([torch.randn(shape, generator=generator, dtype=torch.float32) for generator in generators])


def _given(noise: Tensor | None, frames: int) -> Tensor:
    if noise is None or noise.shape[1:] != (*LATENT_SHAPE, frames):
        found = "used up" if noise is None else f"of shape {list(noise.shape)}"
        raise InputError(f"the noise given is {found}", f"Give noise of shape [items, 8, 16, {frames}] for every draw")
    return noise
