"""What a text feels like: every word of feeling, bent by the small words before it, added up per sentence.

The rules follow Hutto and Gilbert, "VADER" (2014): a denial turns a word and weakens it, degrees scale it, what comes
after a "but" counts more than what comes before, exclamation marks and capitals add. Numbers of theirs are marked so
and divided by their span of 4; the others are design choices.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scoring.moods import MOODS
from scoring.text.feeling import TextFeeling
from scoring.text.language import language_of
from scoring.text.marks import Mark, cut

DENIED = -0.74  # Hutto and Gilbert
BEFORE_A_TURN, AFTER_A_TURN = 0.5, 1.5  # Hutto and Gilbert
SHOUT = 0.292 / 4  # Hutto and Gilbert, for each of at most three exclamation marks
LOUD = 0.733 / 4  # Hutto and Gilbert, for a word in capitals
NORMALISING = 15 / 16  # Hutto and Gilbert: x / √(x² + 15) on their scale

DENIAL_REACHES = 4  # words; in Chinese words and single characters
DEGREE_REACHES = 2
STRONGEST_DEGREE = 2.0
SENTENCES_THAT_ADD = 4  # n agreeing sentences say √n times what one says, up to here
# What a denied word does to arousal ("not calm" is a little excited), and how much a word that only stirs weighs.
DENIED_AROUSAL = -0.4
STIR_WEIGHT = 0.4
SHOUT_AROUSAL = 0.08
# A word list is never sure: MOST_CONFIDENCE at most, reached with words of a summed strength well above ENOUGH, and
# CONTRADICTED of it where half the words say the opposite.
MOST_CONFIDENCE = 0.8
ENOUGH = 0.8
CONTRADICTED = 0.4
# A mood is chosen by the words that name it and by how close it is to valence and arousal.
MOOD_CLOSENESS = 1.0
MOOD_SOFTNESS = 0.35


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    valence: float
    mood: str
    arousal: float | None
    weight: float  # in the mean of arousal


def score_text(text: str) -> TextFeeling:
    """The feeling of a text, English, Chinese or both. No known word, or another language: neutral, confidence 0."""
    language = language_of(text)
    if language == "other":
        return TextFeeling(language=language)
    sentences = [(list(_weigh(sentence)), sentence[-1].shouts) for sentence in _sentences(cut(text))]
    words = [word for own, _ in sentences for word in own]
    mass = sum(abs(word.valence) for word in words)
    if not mass:
        return TextFeeling(language=language)
    sums = [_sum(own, shouts) for own, shouts in sentences if any(word.valence for word in own)]
    total = sum(sums) / len(sums) * math.sqrt(min(len(sums), SENTENCES_THAT_ADD))
    valence = total / math.sqrt(total * total + NORMALISING)
    arousal = _arousal(words, sum(shouts for _, shouts in sentences))
    agreement = abs(sum(word.valence for word in words)) / mass
    return TextFeeling(
        valence=valence,
        arousal=arousal,
        mood=_mood(words, valence, arousal),
        confidence=MOST_CONFIDENCE * -math.expm1(-mass / ENOUGH) * (CONTRADICTED + (1 - CONTRADICTED) * agreement),
        language=language,
        evidence=tuple((word.text, round(word.valence, 4)) for word in words if word.valence),
    )


def _sentences(marks: Sequence[Mark]) -> Iterator[list[Mark]]:
    """Each with the mark that ends it as its last; the text's own end ends one too."""
    sentence: list[Mark] = []
    for mark in [*marks, Mark("sentence", "")]:
        sentence.append(mark)
        if mark.kind == "sentence":
            yield sentence
            sentence = []


def _weigh(sentence: Sequence[Mark]) -> Iterator[_Word]:
    """The words of feeling of a sentence with what they come to in it."""
    turn = max((i for i, mark in enumerate(sentence) if mark.kind == "turn"), default=None)
    before: list[Mark] = []  # of the clause
    for place, mark in enumerate(sentence):
        if mark.kind in ("clause", "turn"):
            before = []
            continue
        if mark.kind == "feeling":
            weight = 1.0 if turn is None else BEFORE_A_TURN if place < turn else AFTER_A_TURN
            yield _bend(mark, before, weight)
        before.append(mark)


def _bend(mark: Mark, before: Sequence[Mark], weight: float) -> _Word:
    is_denied = _denials(before) % 2 == 1
    degree = min(math.prod(m.meaning.factor for m in before[-DEGREE_REACHES:]), STRONGEST_DEGREE)
    if is_denied:
        degree = min(degree, 1.0)  # "not very happy" is not unhappier than "not happy"
    meaning = mark.meaning
    own = meaning.valence * degree + math.copysign(LOUD * mark.is_loud, meaning.valence) * bool(meaning.valence)
    valence = max(-1.0, min(1.0, own * (DENIED if is_denied else 1.0))) * weight
    heard = [a for a in (MOODS[meaning.mood].arousal if meaning.mood else None, meaning.stir) if a is not None]
    arousal = sum(heard) / len(heard) * (DENIED_AROUSAL if is_denied else 1.0) if heard else None
    weighs = abs(valence) if valence else STIR_WEIGHT * weight
    return _Word(mark.text, valence, "" if is_denied else meaning.mood, arousal, weighs)


def _denials(before: Sequence[Mark]) -> int:
    """How many denials reach the word after these marks; degrees in between do not count as distance."""
    found = distance = 0
    for mark in reversed(before):
        found += mark.kind == "negator" and (distance < DENIAL_REACHES or mark.meaning.is_far)
        distance += mark.kind not in ("degree", "negator")
    return found


def _sum(words: Sequence[_Word], shouts: int) -> float:
    total = sum(word.valence for word in words)
    return total + math.copysign(SHOUT * shouts, total) if total else 0.0


def _arousal(words: Sequence[_Word], shouts: int) -> float | None:
    heard = [(word.arousal, word.weight) for word in words if word.arousal is not None]
    if not heard:
        return None
    mean = sum(arousal * weight for arousal, weight in heard) / sum(weight for _, weight in heard)
    return max(-1.0, min(1.0, mean + SHOUT_AROUSAL * min(shouts, 3)))


def _mood(words: Sequence[_Word], valence: float, arousal: float | None) -> str:
    mass = sum(abs(word.valence) for word in words)
    scores = {}
    for name, mood in MOODS.items():
        squared = (mood.valence - valence) ** 2 + (mood.arousal - (arousal or 0.0)) ** 2
        named = sum(abs(word.valence) for word in words if word.mood == name) / mass
        scores[name] = named + MOOD_CLOSENESS * math.exp(-(squared + mood.handicap) / (2 * MOOD_SOFTNESS**2))
    return max(scores, key=scores.__getitem__)
