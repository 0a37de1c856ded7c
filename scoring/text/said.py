"""Texts with times: what is said when, and what it feels like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from scoring.text.feeling import Language, TextFeeling
from scoring.text.language import language_of
from scoring.text.score import score_text

Kind = Literal["subtitles", "transcript", "description"]

# A line that goes on in the next one is read together with it, so that a "never" and its "happy" meet.
_JOINED_GAP_S = 1.0
_JOINED_MOST_S = 12.0
_OPEN_END = re.compile(r"[a-z0-9,'’\"”-]$")
_OPEN_START = re.compile(r"^[\"“']?[a-z]")


@dataclass(frozen=True, slots=True)
class TimedText:
    """What is said in [start_s, end_s), film time."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class TimedFeeling:
    """What something said in [start_s, end_s) feels like."""

    start_s: float
    end_s: float
    feeling: TextFeeling


@dataclass(frozen=True, slots=True)
class Said:
    """A text about the film and its feeling.

    lines: of subtitles, in order of time; none in a text without times. whole: the feeling of all of it.
    """

    kind: Kind
    language: Language
    lines: tuple[TimedFeeling, ...]
    whole: TextFeeling

    @property
    def label(self) -> str:
        """For EmotionCurve.read_from: "subtitles (en)"."""
        return f"{self.kind} ({self.language})"

    @property
    def says_something(self) -> bool:
        """Whether any word of it is known."""
        if self.lines:
            return any(line.feeling.confidence > 0 for line in self.lines)
        return self.whole.confidence > 0

    def to_json(self) -> dict[str, Any]:
        """Plain values, times and figures rounded."""
        return {
            "kind": self.kind,
            "language": self.language,
            "lines": [
                {"start_s": round(line.start_s, 3), "end_s": round(line.end_s, 3), "feeling": _plain(line.feeling)}
                for line in self.lines
            ],
            "whole": _plain(self.whole),
        }


def read_lines(lines: Iterable[TimedText]) -> Said:
    """The feeling of subtitles, line by line. In a language without a lexicon nothing is felt."""
    ordered = sorted(lines, key=lambda line: (line.start_s, line.end_s))
    text = "\n".join(line.text for line in ordered)
    language = language_of(text)
    if language == "other":
        return Said("subtitles", language, (), TextFeeling(language=language))
    felt = tuple(TimedFeeling(line.start_s, line.end_s, score_text(line.text)) for line in _joined(ordered))
    return Said("subtitles", language, felt, score_text(text))


def read_whole(text: str, kind: Literal["transcript", "description"]) -> Said:
    """The feeling of a text without times."""
    feeling = score_text(text)
    return Said(kind, feeling.language, (), feeling)


def _joined(lines: Sequence[TimedText]) -> list[TimedText]:
    joined: list[TimedText] = []
    for line in lines:
        last = joined[-1] if joined else None
        if (
            last is not None
            and line.start_s - last.end_s <= _JOINED_GAP_S
            and line.end_s - last.start_s <= _JOINED_MOST_S
            and _OPEN_END.search(last.text)
            and _OPEN_START.search(line.text)
        ):
            joined[-1] = TimedText(last.start_s, max(last.end_s, line.end_s), f"{last.text} {line.text}")
        else:
            joined.append(line)
    return joined


def _plain(feeling: TextFeeling) -> dict[str, Any]:
    values = asdict(feeling)
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}
