"""The front door of asking why: a film in, every cue's prompt out with a reason for each tag."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.score_video import spot_video
from pipeline.settings import Settings
from pipeline.wish import DEFAULT_STYLE, Observer, Wish
from scoring.errors import UnknownChoice
from scoring.explaining import Reason, explain
from scoring.prompts import write_prompt
from scoring.style import load_style
from scoring.vocabulary import DEFAULT_FAMILY
from scoring.wishes.obeying import saying_of, wishes_of


@dataclass(frozen=True, slots=True)
class ExplainedCue:
    """A cue, what is said of it, and why."""

    id: str
    prompt: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """A film's prompts. family: whom they are for. read_from: what the curve was read from."""

    analyser: str
    read_from: tuple[str, ...]
    family: str
    cues: tuple[ExplainedCue, ...]


def explain_prompts(
    video: Path,
    wish: Wish | None = None,
    *,
    family: str = DEFAULT_FAMILY,
    observer: Observer | None = None,
    settings: Settings | None = None,
) -> Explained:
    """Analyse and spot a film, or take its cue sheet, and explain the prompts. Composes nothing.

    family: one of the vocabulary's. Raises UnknownChoice for another, else as score_video does.
    """
    spotted = spot_video(video, wish, observer=observer, settings=settings)
    vocabulary, sheet, curve = spotted.vocabulary, spotted.sheet, spotted.analysis.curve
    if family not in vocabulary.families:
        raise UnknownChoice.among("family", family, list(vocabulary.families))
    style = load_style(sheet.style)
    cues = []
    for cue in sheet.cues:
        reasons = explain(sheet, cue, curve, style, vocabulary, usual_style=DEFAULT_STYLE, family=family)
        said = cue.prompt
        if family != DEFAULT_FAMILY:
            said = write_prompt(saying_of(cue, wishes_of(cue), sheet, style), vocabulary=vocabulary, family=family)
        cues.append(ExplainedCue(cue.id, said, reasons))
    return Explained(curve.analyser, curve.read_from, family, tuple(cues))
