"""Tiny checkpoints with random weights in the real layout, and engines made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from ace_step_checkpoints import tiny_checkpoint

from music_engine.ace_step.engine import AceStepV1
from music_engine.options import EngineOptions

MakeEngine = Callable[..., AceStepV1]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Tensors this small are slower on several threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("checkpoint"))


@pytest.fixture(scope="session")
def make_ace_step(checkpoint: Path) -> MakeEngine:
    """An engine on the CPU in float32, three steps unless said otherwise; options as EngineOptions."""

    def make(sampling: dict[str, object] | None = None, **options: object) -> AceStepV1:
        said = {"checkpoint": checkpoint, "device": "cpu", "precision": "float32", **options}
        return AceStepV1(EngineOptions(**said, sampling={"steps": 3, **(sampling or {})}))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def ace_step(make_ace_step: MakeEngine) -> AceStepV1:
    return make_ace_step()
