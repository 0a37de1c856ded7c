"""What a text was found to feel like, and what said so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scoring.moods import MOODS

Language = Literal["en", "zh", "other", ""]
Sign = Literal["negative", "neutral", "positive"]

# Hutto and Gilbert (2014) call a text neutral within ±0.05 of their compound score, which is what valence is here.
NEUTRAL_WITHIN = 0.05


@dataclass(frozen=True, slots=True)
class TextFeeling:
    """The feeling of a text. valence −1..1; arousal −1..1, None where no word says; mood: a name of moods.toml or None.

    confidence: 0..1, 0 where no word is known. language: "other" where it is neither English nor Chinese, "" where
    there are no words. evidence: each word that counted, as it stood, and its share of the valence, in the text's
    order.
    """

    valence: float = 0.0
    arousal: float | None = None
    mood: str | None = None
    confidence: float = 0.0
    language: Language = ""
    evidence: tuple[tuple[str, float], ...] = ()

    @property
    def tension(self) -> float | None:
        """0..1, that of the mood."""
        return None if self.mood is None else MOODS[self.mood].tension

    @property
    def sign(self) -> Sign:
        """Which side of neutral the words are on."""
        if abs(self.valence) < NEUTRAL_WITHIN:
            return "neutral"
        return "positive" if self.valence > 0 else "negative"
