"""Lyrics to token ids: language, cleaning, romanisation, byte-pair encoding.

`LyricTokenizer(path).encode(lyrics)` is the front door; `instrumental_tokens()` needs no vocabulary file.
"""

from __future__ import annotations

from music_engine.ace_step.lyrics.detection import Detection, detect
from music_engine.ace_step.lyrics.structure import INSTRUMENTAL, structure_lyric
from music_engine.ace_step.lyrics.tokenizer import LyricTokenizer
from music_engine.ace_step.lyrics.tokens import (
    LyricLine,
    LyricTokens,
    instrumental_tokens,
    no_lyric,
    tokens_without_vocabulary,
)
from music_engine.ace_step.lyrics.vocabulary import check_vocabulary, fetch_vocabulary

__all__ = [
    "INSTRUMENTAL",
    "Detection",
    "LyricLine",
    "LyricTokenizer",
    "LyricTokens",
    "check_vocabulary",
    "detect",
    "fetch_vocabulary",
    "instrumental_tokens",
    "no_lyric",
    "structure_lyric",
    "tokens_without_vocabulary",
]
