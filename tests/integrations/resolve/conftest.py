"""A stage, a service and the script between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_resolve import FakeProgram, Quirks, paint_boxes
from resolve_script import load_script, write_options
from small_service import SmallService, small_service

Scores = Callable[..., str]


@pytest.fixture
def service() -> Iterator[SmallService]:
    """A service that answers at once."""
    with small_service() as running:
        yield running


@pytest.fixture
def score(service: SmallService, tmp_path: Path) -> Scores:
    """Runs the script on a program's first object with options; what it says at the end."""

    def run(resolve: Any, **options: Any) -> str:
        script = load_script()
        told: str = script.run(resolve, script.read_options(write_options(tmp_path, service.address, **options)))
        return told

    return run


@pytest.fixture
def program() -> FakeProgram:
    """The stand-in with a timeline of two shots at 25, from one hour on."""
    made = FakeProgram(Quirks())
    made.world.paints = paint_boxes
    made.open_timeline("25", "01:00:00:00")
    made.shots(50, 75)
    return made
