"""Fixtures every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Where a run decides whether work lands, the same examples every time; on a developer's machine, new ones.
settings.register_profile("ci", derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")

_BESIDE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real material, CUESMITH_SHARED or ../shared; tests that need it skip without it."""
    folder = Path(os.environ.get("CUESMITH_SHARED", _BESIDE_CHECKOUT))
    if not folder.is_dir():
        pytest.skip(f"real material is not here: {folder} (set CUESMITH_SHARED)")
    return folder


@pytest.fixture(scope="session")
def shared_media(shared: Path) -> Path:
    """Real films."""
    return shared / "media"
