"""The prompt of a cue for neural engines: what is to be said, tag by tag, and how each family of models wants it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.key import Key
from scoring.vocabulary import DEFAULT_FAMILY, Vocabulary, built_in_vocabulary

# Upper bounds in bpm, after the classical tempo terms.
TEMPO_WORDS = ((70.0, "very slow"), (90.0, "slow"), (112.0, "moderate tempo"), (132.0, "upbeat tempo"))
FASTEST_WORD = "fast tempo"
STRUCTURE_STEP = 0.12  # of intensity between a cue's first and last third. Design choice.
INSTRUMENTS = 4  # more and the engines blur them
INSTRUMENTAL = "instrumental"

TagKind = Literal["genre", "mood", "setting", "palette", "instrument", "tempo", "key", "structure", "form"]


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a prompt, and what kind of thing it says."""

    text: str
    kind: TagKind


@dataclass(frozen=True, slots=True)
class Saying:
    """What a prompt is made from. genre, instruments: tags; palette: what the setting brings; structure: tags."""

    mood: str
    bpm: float
    key: Key
    genre: tuple[str, ...] = ()
    setting: str = ""
    palette: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    structure: tuple[str, ...] = ()


def write_prompt(saying: Saying, *, vocabulary: Vocabulary | None = None, family: str = DEFAULT_FAMILY) -> str:
    """Genre, mood, setting, instruments, tempo words, "NN bpm", key, structure and "instrumental", each tag once.

    family: one of the vocabulary's; raises KeyError for another.
    """
    vocabulary = vocabulary or built_in_vocabulary()
    tags = tags_of(saying, vocabulary=vocabulary, family=family)
    if vocabulary.families[family].form == "sentence":
        return _sentence(tags)
    return ", ".join(tag.text for tag in tags)


def tags_of(saying: Saying, *, vocabulary: Vocabulary, family: str = DEFAULT_FAMILY) -> tuple[Tag, ...]:
    """The tags of a prompt in order, each once, in the words of a family."""
    found: dict[str, Tag] = {}
    for tag in _tags(saying, vocabulary, family):
        said = vocabulary.translated(tag.text, family)
        if tag.text != INSTRUMENTAL:
            found.setdefault(said, Tag(said, tag.kind))
    return (*found.values(), Tag(vocabulary.translated(INSTRUMENTAL, family), "form"))


def _tags(saying: Saying, vocabulary: Vocabulary, family: str) -> Iterator[Tag]:
    entry = vocabulary.settings.get(saying.setting)
    players = [*((name, "palette") for name in saying.palette), *((name, "instrument") for name in saying.instruments)]
    yield from (Tag(text, "genre") for text in saying.genre)
    yield from (Tag(text, "mood") for text in vocabulary.moods[saying.mood].tags[family])
    yield from (Tag(text, "setting") for text in (entry.tags[family] if entry is not None else ()))
    yield from (Tag(text, kind) for text, kind in players[:INSTRUMENTS])  # type: ignore[arg-type]
    yield Tag(tempo_words(saying.bpm), "tempo")
    yield Tag(f"{round(saying.bpm)} bpm", "tempo")
    yield Tag(str(saying.key), "key")
    yield from (Tag(text, "structure") for text in saying.structure)


def _sentence(tags: Sequence[Tag]) -> str:
    """One sentence: "Cinematic music that is tense, suspenseful; with strings; slow, 74 bpm; in D minor"."""

    def words(*kinds: TagKind) -> str:
        return ", ".join(tag.text for tag in tags if tag.kind in kinds)

    parts = [f"{words('genre')} music that is {words('mood')}".strip()]
    parts += [scene] if (scene := words("setting")) else []
    parts += [f"with {players}"] if (players := words("palette", "instrument")) else []
    parts += [words("tempo"), f"in {words('key')}"]
    parts += [course] if (course := words("structure")) else []
    parts += [words("form")]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def tempo_words(bpm: float) -> str:
    """ "slow", "moderate tempo", …"""
    return next((words for limit, words in TEMPO_WORDS if bpm < limit), FASTEST_WORD)


def describe_structure(intensity: Sequence[tuple[float, float]], *, is_first: bool, is_last: bool) -> tuple[str, ...]:
    """What happens over the cue: where in the film it stands, and whether it builds, fades or holds.

    intensity: a cue's points, (film time s, 0..1).
    """
    start, end = intensity[0][1], intensity[-1][1]
    if end - start >= STRUCTURE_STEP:
        course = "gradual build"
    elif start - end >= STRUCTURE_STEP:
        course = "winding down"
    else:
        course = "steady"
    return (*(("intro",) if is_first else ()), course, *(("final ending",) if is_last else ()))
