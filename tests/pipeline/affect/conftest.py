from __future__ import annotations

from pathlib import Path

import pytest
from rated import RatedSet, rated_set


@pytest.fixture(scope="session")
def rated(tmp_path_factory: pytest.TempPathFactory) -> RatedSet:
    """96 pictures of 24 themes, rated with noise."""
    return rated_set(tmp_path_factory.mktemp("rated"), themes=24, each=4)


@pytest.fixture(scope="session")
def shuffled(tmp_path_factory: pytest.TempPathFactory) -> RatedSet:
    """The same, every theme with another theme's ratings."""
    return rated_set(tmp_path_factory.mktemp("shuffled"), themes=24, each=4, shuffled=True)


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small open_clip model with random weights; skips where the extra `clip` is not installed."""
    for library in ("torch", "open_clip", "safetensors"):
        pytest.importorskip(library)
    from clip_models import tiny_open_clip

    return tiny_open_clip(tmp_path_factory.mktemp("models") / "tiny", side_px=64)
