"""A tokenizer over an invented vocabulary."""

from __future__ import annotations

import pytest
from lyric_vocabulary import write_vocabulary

from music_engine.ace_step.lyrics import LyricTokenizer


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> LyricTokenizer:
    return LyricTokenizer(write_vocabulary(tmp_path_factory.mktemp("vocabulary")))


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> LyricTokenizer:
    return LyricTokenizer(write_vocabulary(tmp_path_factory.mktemp("reference")), compat="reference")
