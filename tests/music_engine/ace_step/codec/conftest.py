"""A codec with random weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from music_engine.ace_step.checkpoint.checkpoint import open_checkpoint
from music_engine.ace_step.codec.music_codec import MusicCodec


@pytest.fixture(scope="package")
def codec(checkpoint: Path) -> MusicCodec:
    return open_checkpoint(checkpoint).codec()
