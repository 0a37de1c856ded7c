"""Reads what a text asks of the music, in English and in Chinese."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from scoring.key import Key
from scoring.limits import BPM_RANGE
from scoring.wishes import vocabulary
from scoring.wishes.tokens import Token, cut
from scoring.wishes.vocabulary import Force, SectionWord, folded

HEAD = re.compile(r"[\[［【]([^\[［【\]］】]*)[\]］】]")


LONGEST_HEAD = 80  # characters of a pair of brackets that are looked through for a section's name
_BETWEEN = re.compile(r"\s*[-–—:：,，|/]\s*|\s+")  # what may stand between a section's name and what is said beside it
_NUMBER = re.compile(r"[\s\d一二三四:：.#×]+$")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the piece. level: how strongly it is played, 0..1; weight: its share of the time.

    instruments: those that enter with it; avoid: those that leave.
    """

    name: str
    level: float
    weight: float
    instruments: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody asks of the music. Names are those of data/wishes/*.toml; None and empty: not said.

    instruments: to be heard. avoid: instruments and effects not to be heard. is_alone: nothing but the instruments.
    band_bpm: (low, high) of a tempo word; bpm: a tempo named exactly. mode: of a key without a tonic.
    force: how strongly it is played. effects: to be rendered; missing: effects that nobody here can make.
    used, unused: the words that were understood, and those that were not or could not be used, as written.
    """

    instruments: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    is_alone: bool = False
    mood: str | None = None
    band_bpm: tuple[float, float] | None = None
    bpm: float | None = None
    key: Key | None = None
    mode: str | None = None
    force: Force = ""
    genres: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    used: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    def for_engine(self) -> Wishes:
        """Only what the fields of a request do not say themselves, so that other words make no other music."""
        return replace(self, mood=None, band_bpm=None, bpm=None, key=None, mode=None, force="", used=(), unused=())


def read_wishes(text: str) -> Wishes:
    """What a text asks for; any text at all.

    "[intro] soft piano [verse] add upright bass" has sections: a name in brackets, then what enters there.
    """
    heads = [(match, *head) for match in HEAD.finditer(text) if (head := read_head(match[1])) is not None]
    if not heads:
        return _Reader().read(text).wishes()
    reader = _Reader().read(text[: heads[0][0].start()])
    ends = [match.start() for match, _, _ in heads[1:]] + [len(text)]
    sections = []
    for (match, word, beside), end in zip(heads, ends, strict=True):
        before = list(reader.avoid)
        inner = _Reader().read(f"{beside}\n{text[match.end() : end]}" if beside else text[match.end() : end])
        level = min(max(word.level + {"soft": -0.08, "loud": 0.08}.get(inner.force, 0.0), 0.0), 1.0)
        sections.append(Section(word.name, level, word.weight, tuple(inner.instruments), tuple(inner.avoid)))
        inner.force, inner.avoid = "", []
        reader.used.append(match[1].strip())
        reader.absorb(inner)
        reader.avoid = before
    return replace(reader.wishes(), sections=tuple(sections))


def joined(first: Wishes, second: Wishes) -> Wishes:
    """Two wishes in one: what the first says stands, the second fills in and adds."""
    return Wishes(
        instruments=_once((*first.instruments, *second.instruments)),
        avoid=_once((*first.avoid, *second.avoid)),
        is_alone=first.is_alone or second.is_alone,
        mood=first.mood or second.mood,
        band_bpm=first.band_bpm or second.band_bpm,
        bpm=first.bpm or second.bpm,
        key=first.key or second.key,
        mode=first.mode or second.mode,
        force=first.force or second.force,
        genres=_once((*first.genres, *second.genres)),
        effects=_once((*first.effects, *second.effects)),
        missing=_once((*first.missing, *second.missing)),
        sections=first.sections or second.sections,
        used=(*first.used, *second.used),
        unused=(*first.unused, *second.unused),
    )


def _once(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def read_head(text: str) -> tuple[SectionWord, str] | None:
    """What stands in brackets at the head of a section: which it is, and what is said beside the name, "" for nothing.

    "Verse 2" is a verse; "intro - piano", "final chorus" and "前奏：钢琴" say more. None where it is no section.
    """
    whole = _section_word(text)
    if whole is not None:
        return whole, ""
    gaps = [match.span() for match in _BETWEEN.finditer(text[:LONGEST_HEAD])]
    for start, end in reversed(gaps):
        if (word := _section_word(text[:start])) is not None:
            return word, text[end:].strip()
    for start, end in gaps:
        if (word := _section_word(text[end:])) is not None:
            return word, text[:start].strip()
    return None


def _section_word(text: str) -> SectionWord | None:
    """The section a name means; "Verse 2" is a verse."""
    wanted = folded(_NUMBER.sub("", text))
    known = vocabulary.words().sections
    return next((word for word in known if wanted in {folded(own) for own in (word.name, *word.words)}), None)


def _turned(tokens: list[Token]) -> list[Token]:
    """The tokens with a denial that ends its clause put before the word it denies: "钢琴不要" is "不要钢琴"."""
    turned = list(tokens)
    for place, token in enumerate(tokens):
        is_last = place + 1 == len(tokens) or tokens[place + 1].kind == "break"
        if token.kind == "denial" and is_last and place and tokens[place - 1].kind in ("instrument", "effect"):
            turned[place - 1 : place + 1] = [token, tokens[place - 1]]
    return turned


@dataclass(slots=True)
class _Reader:
    """Gathers tokens one by one, while a denial holds or not."""

    instruments: list[str] = field(default_factory=list)
    avoid: list[str] = field(default_factory=list)
    alone: str = ""
    mood: str | None = None
    band_bpm: tuple[float, float] | None = None
    bpm: float | None = None
    key: Key | None = None
    mode: str | None = None
    force: Force = ""
    genres: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    def read(self, text: str) -> _Reader:
        """Takes in a text; itself."""
        denial = ""
        for token in _turned(cut(text)):
            if token.kind in ("break", "turn", "alone"):
                denial = ""
            if token.kind == "denial":
                denial = token.text
            elif token.kind == "alone":
                self.alone = token.text
            elif token.is_denied or denial:
                self._deny(token, denial)
            elif token.kind not in ("break", "turn"):
                (self.used if self._take(token) else self.unused).append(token.text)
        return self

    def _deny(self, token: Token, denial: str) -> None:
        """What is not wanted. Instruments and effects can be kept silent; of the rest there is no opposite."""
        text = token.text if token.is_denied else f"{denial} {token.text}".strip()
        if token.kind in ("instrument", "effect"):
            self.avoid += [token.name] if token.name not in self.avoid else []
            self.used.append(text)
        else:
            self.unused.append(text)

    def _take(self, token: Token) -> bool:
        """Whether a wanted word can be used."""
        if token.kind == "instrument":
            self.instruments += [token.name] if token.name not in self.instruments else []
        elif token.kind == "effect":
            return self._take_effect(token.name)
        elif token.kind == "genre":
            self.genres += [token.name] if token.name not in self.genres else []
        elif token.kind in ("bpm", "key"):
            return self._take_value(token)
        elif token.kind == "tempo":
            low, high = vocabulary.words().tempos[int(token.name)].band_bpm
            self.band_bpm = self.band_bpm or (low, high)
            return self.band_bpm == (low, high)
        elif token.kind in ("mood", "mode", "force"):
            setattr(self, token.kind, getattr(self, token.kind) or token.name)
            return bool(getattr(self, token.kind) == token.name)
        else:
            return False
        return True

    def _take_effect(self, name: str) -> bool:
        effect = next(effect for effect in vocabulary.words().effects if effect.name == name)
        names = self.effects if effect.is_available else self.missing
        names += [name] if name not in names else []
        return effect.is_available

    def _take_value(self, token: Token) -> bool:
        """A tempo or a key; the first of each counts."""
        if isinstance(token.value, Key):
            self.key = self.key or token.value
            return self.key == token.value
        if token.value is None or not BPM_RANGE[0] <= token.value <= BPM_RANGE[1]:
            return False
        self.bpm = self.bpm or token.value
        return self.bpm == token.value

    def absorb(self, other: _Reader) -> None:
        """Takes in what a section says; the words of the whole piece, and of earlier sections, come first."""
        for name in ("instruments", "avoid", "genres", "effects", "missing"):
            own = getattr(self, name)
            own += [item for item in getattr(other, name) if item not in own]
        for name in ("mood", "band_bpm", "bpm", "key", "mode"):
            setattr(self, name, getattr(self, name) or getattr(other, name))
        self.used += other.used
        self.unused += other.unused

    def wishes(self) -> Wishes:
        """What was gathered. "solo" means nothing else only where it can: beside one instrument."""
        is_solo = self.alone in ("solo", "独奏", "獨奏", "unaccompanied")
        return Wishes(
            instruments=tuple(name for name in self.instruments if name not in self.avoid),
            avoid=tuple(self.avoid),
            is_alone=bool(self.alone) and (len(self.instruments) == 1 or (bool(self.instruments) and not is_solo)),
            mood=self.mood,
            band_bpm=self.band_bpm,
            bpm=self.bpm,
            key=self.key,
            mode=self.mode,
            force=self.force,
            genres=tuple(self.genres),
            effects=tuple(name for name in self.effects if name not in self.avoid),
            missing=tuple(self.missing),
            used=tuple(self.used),
            unused=tuple(self.unused),
        )
