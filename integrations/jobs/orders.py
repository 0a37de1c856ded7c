"""What a client asks of the service: one JSON document, checked whole before a row is written.

{"schema": "cuesmith.order/1", "kind": "score", "wish": {…}, "texts": {…}, "cue": …, "music": {…}}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from music_engine.registry import engine_names, own_name
from pipeline.asking import read_key
from pipeline.score_takes import MOST_TAKES
from pipeline.sound.loudness import loudness_target
from pipeline.watcher import ANALYSERS
from pipeline.wish import Dialogue, ExistingMusic
from scoring import cue_sheet_json
from scoring.edit import LONGEST_S, parse_edit
from scoring.errors import CuesmithError, InputError, UnknownChoice
from scoring.limits import BPM_RANGE, HIGHEST_SEED
from scoring.style import load_style
from scoring.timebase import TimeRange
from scoring.vocabulary import parse_vocabulary
from scoring.wishes.vocabulary import find_instrument, find_mood

SCHEMA = "cuesmith.order/1"
KINDS = ("score", "analyse", "spot", "compose_cue", "music")
WITH_FILM = ("score", "analyse", "spot")
TEXTS = ("sheet", "prompts", "vocabulary", "words", "edit")
FORMATS = ("wav", "flac", "mp3", "ogg")
MUSIC_S = (10.0, 240.0)
LONGEST_TEXT = 2 * 10**6  # characters of a sheet or of subtitles: a long film's are a tenth of it
LONGEST_PROMPT = 4000
LONGEST_LYRICS = 20_000
_OF_MUSIC = ("engine", "seed", "style", "bpm", "key")  # the parts of a wish that music without a film has


@dataclass(frozen=True, slots=True)
class Order:
    """kind: of KINDS. wish: what to do, the fields of pipeline.wish.Wish that are no files, and takes.

    texts: of TEXTS, the contents of what would be files on a command line; edit is a timeline's cuts and marks as
    scoring.edit has them. cue: which one, for compose_cue.
    music: for kind music: prompt, lyrics, duration_s, output_format.
    """

    kind: str
    wish: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    cue: str = ""
    music: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The document; read_order reads it."""
        document: dict[str, Any] = {"schema": SCHEMA, "kind": self.kind}
        parts = {"wish": dict(self.wish), "texts": dict(self.texts), "cue": self.cue, "music": dict(self.music)}
        return {**document, **{name: value for name, value in parts.items() if value}}

    def digest(self) -> str:
        """SHA-256 of what is asked, hexadecimal."""
        text = json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_order(document: object) -> Order:
    """The order in a document. Raises InputError or UnknownChoice, naming the field and the value found."""
    fields = _mapping("the order", document)
    _only("the order", fields, ("schema", "kind", "wish", "texts", "cue", "music"))
    if fields.get("schema", SCHEMA) != SCHEMA:
        raise InputError(f"the order's schema is {fields['schema']!r}", f"This version reads {SCHEMA}")
    kind = fields.get("kind", "score")
    if kind not in KINDS:
        raise UnknownChoice.among("kind of job", str(kind), list(KINDS))
    wish = _read(_mapping("wish", fields.get("wish", {})), _WISH, "wish")
    texts = _mapping("texts", fields.get("texts", {}))
    _only("texts", texts, TEXTS)
    texts = {name: _text(LONGEST_TEXT)(f"texts.{name}", value) for name, value in texts.items() if value}
    cue = _text(200)("cue", fields.get("cue", ""))
    music: dict[str, Any] = {}
    if kind == "music":
        music = _read(_mapping("music", fields.get("music", {})), _MUSIC, "music")
        if "duration_s" not in music:
            raise InputError("music.duration_s is missing", f"Ask for {MUSIC_S[0]:g} to {MUSIC_S[1]:g} seconds")
    if kind == "compose_cue" and not (cue and texts.get("sheet")):
        raise InputError("an order for one cue needs its sheet and the cue's id", "Give texts.sheet and cue")
    if kind == "music":
        for name in wish:
            if name not in _OF_MUSIC:
                raise InputError(f"wish.{name} says nothing for music without a film", "Say it in music.prompt")
    if wish.get("takes", 1) > 1 and kind != "score":
        raise InputError(f"takes is {wish['takes']} for a job of kind {kind}", "Only films are scored several times")
    return Order(kind, wish, texts, cue, music)


def check_order(order: Order) -> None:
    """Refuse now what would fail a unit later: names that nothing goes by, texts that do not read.

    Once, when a job is taken in; the stored order is only read again. Raises UnknownChoice, VocabularyError,
    CueSheetError, TimelineError, each naming the field.
    """
    vocabulary = order.texts.get("vocabulary")
    words = parse_vocabulary(vocabulary, "texts.vocabulary") if vocabulary is not None else None
    for name in order.wish.get("instruments", ()):
        _checked(find_instrument)("wish.instruments", name)
    if order.wish.get("mood"):
        find_mood(order.wish["mood"], words)
    if "edit" in order.texts:
        parse_edit(order.texts["edit"], "texts.edit")
    if "sheet" in order.texts:
        sheet = cue_sheet_json.loads(order.texts["sheet"])
        if order.kind == "compose_cue" and order.cue not in [cue.id for cue in sheet.cues]:
            raise UnknownChoice.among("cue", order.cue, [cue.id for cue in sheet.cues])


Reader = Callable[[str, object], Any]


def _read(given: Mapping[str, Any], known: Mapping[str, Reader], where: str) -> dict[str, Any]:
    _only(where, given, tuple(known))
    return {name: known[name](f"{where}.{name}", value) for name, value in given.items() if value is not None}


def _only(where: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InputError(f"{where} has a field {unknown[0]!r} that is not known", f"Known: {', '.join(known)}")


def _mapping(where: str, value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise InputError(f"{where} is {_short(value)}, not an object", "Give a JSON object")
    return dict(value)


def _text(longest: int) -> Reader:
    def read(where: str, value: object) -> str:
        if not isinstance(value, str):
            raise InputError(f"{where} is {_short(value)}, not text", "Give a string")
        if len(value) > longest:
            raise InputError(f"{where} has {len(value)} characters", f"At most {longest} are taken")
        if any(ord(c) < 32 and c not in "\t\r\n" for c in value) or any(0xD800 <= ord(c) < 0xE000 for c in value):
            raise InputError(f"{where} has control characters or broken surrogates in it", "Take them out")
        return value

    return read


def _number(low: float, high: float) -> Reader:
    def read(where: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise InputError(f"{where} is {_short(value)}", f"Give a number of {low:g} to {high:g}")
        return float(value)

    return read


def _whole(low: int, high: int) -> Reader:
    def read(where: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InputError(f"{where} is {_short(value)}", f"Give a whole number of {low} to {high}")
        return value

    return read


def _yes_or_no(where: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{where} is {_short(value)}", "Give true or false")
    return value


def _one_of(names: tuple[str, ...]) -> Reader:
    def read(where: str, value: object) -> str:
        if not isinstance(value, str) or value not in names:
            raise UnknownChoice.among(where, str(value)[:60], list(names))
        return value

    return read


def _checked(check: Callable[[str], object], longest: int = 200) -> Reader:
    """A text that something else knows to be good; its refusal names the field."""

    def read(where: str, value: object) -> str:
        text: str = _text(longest)(where, value)
        try:
            check(text)
        except CuesmithError as error:
            raise type(error)(f"{where}: {error.what}", error.advice) from error
        return text

    return read


def _range(where: str, value: object) -> list[float]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise InputError(f"{where} is {_short(value)}", "Give [in, out], seconds")
    start_s, end_s = (_number(0.0, 86_400.0)(where, edge) for edge in value)
    if not start_s < end_s:
        raise InputError(f"{where} ends at {end_s:g} s and begins at {start_s:g} s", "Give [in, out], seconds")
    TimeRange(start_s, end_s)
    return [start_s, end_s]


def _list_of(item: Reader, most: int) -> Reader:
    def read(where: str, value: object) -> list[Any]:
        if not isinstance(value, (list, tuple)) or len(value) > most:
            raise InputError(f"{where} is {_short(value)}", f"Give a list of at most {most}")
        return [item(f"{where}[{number}]", entry) for number, entry in enumerate(value)]

    return read


def _engine(name: str) -> None:
    if name != "auto" and own_name(name) not in engine_names():
        raise UnknownChoice.among("engine", name, [*engine_names(), "auto"])


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"


_WISH: Mapping[str, Reader] = {
    "style": _checked(load_style),
    "engine": _checked(_engine),
    "loudness": _checked(loudness_target),
    "seed": _whole(0, HIGHEST_SEED),
    "stems": _yes_or_no,
    "music": _yes_or_no,
    "starts_at_s": _number(0.0, 2 * LONGEST_S),
    "dialogue": _one_of(get_args(Dialogue)),
    "clearance_lu": _number(0.0, 30.0),
    "existing_music": _one_of(get_args(ExistingMusic)),
    "music_level_db": _number(-40.0, 20.0),
    "surround_db": _number(-40.0, 0.0),
    "only": _range,
    "no_music": _list_of(_range, 200),
    "fallback": _yes_or_no,
    "analyser": _one_of(ANALYSERS),
    "describe": _text(LONGEST_PROMPT),
    "subtitles": _yes_or_no,
    "prompt": _text(LONGEST_PROMPT),
    "avoid": _text(LONGEST_PROMPT),
    "instruments": _list_of(_text(100), 50),
    "mood": _text(100),
    "bpm": _number(*BPM_RANGE),
    "key": _checked(read_key, 60),
    "takes": _whole(1, MOST_TAKES),
}
_MUSIC: Mapping[str, Reader] = {
    "prompt": _text(LONGEST_PROMPT),
    "lyrics": _text(LONGEST_LYRICS),
    "duration_s": _number(*MUSIC_S),
    "output_format": _one_of(FORMATS),
}
