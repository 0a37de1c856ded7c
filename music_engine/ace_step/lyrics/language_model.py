"""The statistical guess of a text's language: py3langid's stock model, over all of its 97 languages.

The model (a 0.7 MB file in the py3langid package) is read at the first guess, not at import.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from music_engine.ace_step.lyrics.libraries import library


@dataclass(frozen=True, slots=True)
class Guess:
    """language: ISO 639-1, one of the model's 97. confidence: 0..1, the language's share of the probability."""

    language: str
    confidence: float


@cache
def _model() -> Any:
    langid = library("py3langid.langid", "the language of a lyric line")
    return langid.LanguageIdentifier.from_pickled_model(langid.MODEL_FILE, norm_probs=True)


@lru_cache(maxsize=4096)
def guess(text: str) -> Guess:
    """The likeliest language of a text. Raises EngineUnavailable where py3langid is not installed."""
    language, confidence = _model().classify(text)
    return Guess(language, float(confidence))
