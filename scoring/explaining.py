"""Why a prompt says what it says: every tag with the number that caused it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from scoring.analysis import EmotionCurve
from scoring.cue_sheet import Cue, CueSheet
from scoring.places import Leaning, leaning, place_of
from scoring.prompts import Tag, TagKind, tags_of, tempo_words
from scoring.style import Style, style_names
from scoring.timebase import TimeRange
from scoring.vocabulary import DEFAULT_FAMILY, Vocabulary
from scoring.wishes.obeying import own_words, saying_of, wishes_of

BY_HAND = "hand"  # the kind of a tag that a person wrote


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a tag stands in a cue's prompt. kind: a TagKind, or BY_HAND. because: for people, with the numbers."""

    tag: str
    kind: str
    because: str


def explain(
    sheet: CueSheet,
    cue: Cue,
    curve: EmotionCurve,
    style: Style,
    vocabulary: Vocabulary,
    *,
    usual_style: str,
    family: str = DEFAULT_FAMILY,
) -> tuple[Reason, ...]:
    """One reason for every tag of a cue's prompt, in order; in another family, of what would be said to that one.

    usual_style: the one that is taken where nothing speaks for another.
    """
    saying = saying_of(cue, wishes_of(cue), sheet, style)
    ours = tags_of(saying, vocabulary=vocabulary, family=family)
    causes = _Causes(sheet, cue, curve, style, leaning(curve, vocabulary, style_names(), usual_style), usual_style)
    if family != DEFAULT_FAMILY:
        by_hand = [text.strip() for text in own_words(cue).split(",") if text.strip()]
        return (*(_reason(tag, causes) for tag in ours), *(_by_hand(text) for text in by_hand))
    known = {tag.text: tag for tag in ours}
    written = [text.strip() for text in cue.prompt.split(",") if text.strip()]
    return tuple(_reason(known[text], causes) if text in known else _by_hand(text) for text in written)


def _reason(tag: Tag, causes: _Causes) -> Reason:
    return Reason(tag.text, tag.kind, causes.of(tag))


def _by_hand(text: str) -> Reason:
    return Reason(text, BY_HAND, "written by hand into the cue sheet or the timed prompts")


@dataclass(frozen=True, slots=True)
class _Causes:
    sheet: CueSheet
    cue: Cue
    curve: EmotionCurve
    style: Style
    leaning: Leaning | None
    usual_style: str

    def of(self, tag: Tag) -> str:
        causes: Mapping[TagKind, Callable[[], str]] = {
            "genre": lambda: self._style(tag),
            "mood": self._mood,
            "setting": self._setting,
            "palette": self._setting,
            "instrument": lambda: self._instrument(tag),
            "tempo": lambda: self._tempo(tag),
            "key": self._key,
            "structure": lambda: self._structure(tag),
            "form": lambda: "0 words of lyrics",
        }
        return causes[tag.kind]()

    def _style(self, tag: Tag) -> str:
        if tag.text in wishes_of(self.cue).genres:
            return "asked for"
        votes = self.leaning
        if votes is not None and votes.style == self.style.name != self.usual_style:
            return (
                f"style {self.style.name}: {votes.share:.2f} of the film's votes, {votes.usual_share:.2f} for the usual"
            )
        if self.style.name == self.usual_style:
            lead = "no analyser of places votes" if votes is None else f"{votes.usual_share:.2f} of the film's votes"
            return f"style {self.style.name}: the usual one, {lead}"
        return f"style {self.style.name}: asked for"

    def _mood(self) -> str:
        if self.cue.wishes.mood or wishes_of(self.cue).mood:
            return f"mood {self.cue.mood}: asked for"
        feeling = (
            f"valence {self.cue.valence:+.2f}, arousal {self.cue.arousal:+.2f}, tension {self.cue.tension:.2f}"
            " (contrasts widened)"
        )
        return f"mood {self.cue.mood}: {self._mood_share():.2f} of the curve's mood probability, {feeling}"

    def _mood_share(self) -> float:
        """Mean probability of the cue's mood over it."""
        if self.cue.mood not in self.curve.moods:
            return 0.0
        inside = (self.curve.times_s >= self.cue.in_s) & (self.curve.times_s < self.cue.out_s)
        rows = self.curve.mood_probabilities[inside] if inside.any() else self.curve.mood_probabilities
        return float(np.mean(rows[:, self.curve.moods.index(self.cue.mood)]))

    def _setting(self) -> str:
        place = place_of(self.curve, TimeRange(self.cue.in_s, self.cue.out_s))
        if place.name == self.cue.setting:
            return f"setting {place.name}: probability {place.share:.2f} over the cue"
        return f"setting {self.cue.setting}: set by hand in the cue sheet"

    def _instrument(self, tag: Tag) -> str:
        wishes = wishes_of(self.cue)
        if tag.text in (*wishes.instruments, *wishes.effects):
            return "asked for"
        place = self.style.instruments.index(tag.text) + 1 if tag.text in self.style.instruments else 0
        return f"style {self.style.name}: its instrument number {place}" if place else f"style {self.style.name}"

    def _tempo(self, tag: Tag) -> str:
        cue, wishes = self.cue, wishes_of(self.cue)
        if wishes.bpm is not None:
            return f"{cue.bpm:g} bpm asked for"
        if tag.text == tempo_words(cue.bpm):
            return f"{cue.bpm:.1f} bpm, from arousal {cue.arousal:+.2f} and valence {cue.valence:+.2f}"
        bars = cue.duration_s / cue.bar_s
        return (
            f"{cue.bpm:.1f} bpm: {bars:.2f} bars of {cue.metre} in {cue.duration_s:.1f} s, {len(cue.hit_points)} hits"
        )

    def _key(self) -> str:
        if wishes_of(self.cue).key is not None:
            return "asked for"
        return f"mode {self.cue.key.mode} from valence {self.cue.valence:+.2f}; tonic from seed {self.sheet.seed}"

    def _structure(self, tag: Tag) -> str:
        if self.cue.intensity and tag.text not in ("intro", "final ending", "前奏", "收尾"):
            return f"intensity {self.cue.intensity[0][1]:.2f} at the start, {self.cue.intensity[-1][1]:.2f} at the end"
        number = next(n for n, cue in enumerate(self.sheet.cues, 1) if cue.id == self.cue.id)
        return f"cue {number} of {len(self.sheet.cues)}"
