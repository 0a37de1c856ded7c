"""From the message to the request an engine gets: every field checked once, here, and refused by name and value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

from integrations.jobs.orders import LONGEST_LYRICS, LONGEST_PROMPT
from integrations.rpc.generated import compose_pb2 as pb
from scoring.cue_sheet import HitKind, HitPoint, Metre, TransitionKind
from scoring.errors import InputError, UnknownChoice
from scoring.hits import TOLERANCE_MS
from scoring.key import Key
from scoring.limits import BPM_RANGE, HIGHEST_SEED, LONGEST_FILM_S, LONGEST_TOLERANCE_MS, SHORTEST_CUE_S
from scoring.moods import MOODS
from scoring.request import CueRequest
from scoring.style import load_style
from scoring.timebase import TimeRange
from scoring.wishes import vocabulary
from scoring.wishes.reading import Section, Wishes, joined, read_wishes

Kind = TypeVar("Kind")
Item = TypeVar("Item")

LONGEST_NAME = 64
LONGEST_EDGE_S = 4.0  # of lead-in and ring-out; the corridor asks for no more either (pipeline/compose.py)
MOST_POINTS = 4096  # of each list: 10 minutes with one every 150 ms
HEAVIEST_SECTION = 100.0

_HITS: dict[int, HitKind] = {
    pb.HIT_KIND_UNSPECIFIED: "manual",
    pb.HIT_KIND_CUT: "cut",
    pb.HIT_KIND_MOTION: "motion",
    pb.HIT_KIND_SOUND: "sound",
    pb.HIT_KIND_TURN: "turn",
    pb.HIT_KIND_REVEAL: "reveal",
    pb.HIT_KIND_MANUAL: "manual",
}
_ENDINGS: dict[int, TransitionKind] = {
    pb.ENDING_UNSPECIFIED: "end",
    pb.ENDING_CROSSFADE: "crossfade",
    pb.ENDING_RING_OUT: "ring_out",
    pb.ENDING_CUT: "cut",
    pb.ENDING_END: "end",
}
_UNITS = (2, 4, 8, 16)
_MOST_BEATS = 15


def read_cue(cue: pb.Cue, longest_s: float) -> tuple[CueRequest, tuple[str, ...]]:
    """What an engine is asked, and warnings about words that could not be used. longest_s: of duration_s.

    Raises InputError for a value that cannot be, UnknownChoice for a name there is not.
    """
    duration_s = _number("duration_s", cue.duration_s, SHORTEST_CUE_S, longest_s)
    mood = MOODS[_among("mood", cue.mood, MOODS)]
    style = cue.style or "cinematic"
    load_style(_text("style", style, LONGEST_NAME))
    seed = _whole("seed", cue.seed, HIGHEST_SEED)
    wishes, warnings = _wishes(cue.wishes)
    return CueRequest(
        cue_id=_text("cue_id", cue.cue_id, LONGEST_NAME) or "1m1",
        style=style,
        prompt=_text("prompt", cue.prompt, LONGEST_PROMPT),
        mood=mood.name,
        duration_s=duration_s,
        bpm=_number("bpm", cue.bpm, *BPM_RANGE),
        key=_key(cue.key),
        metre=_metre(cue.metre) if cue.HasField("metre") else Metre(),
        first_downbeat_s=_before("first_downbeat_s", cue.first_downbeat_s, duration_s),
        valence=_number("valence", cue.valence, -1, 1) if cue.HasField("valence") else mood.valence,
        arousal=_number("arousal", cue.arousal, -1, 1) if cue.HasField("arousal") else mood.arousal,
        tension=_number("tension", cue.tension, 0, 1) if cue.HasField("tension") else mood.tension,
        intensity=_points("intensity", cue.intensity) or ((0.0, (mood.arousal + 1.0) / 2.0),),
        hit_points=_hits(cue.hit_points, duration_s),
        ending=_choice("ending", cue.ending, _ENDINGS),
        seed=seed,
        film_seed=_whole("film_seed", cue.film_seed, HIGHEST_SEED) if cue.HasField("film_seed") else seed,
        is_first=cue.is_first if cue.HasField("is_first") else True,
        is_last=cue.is_last if cue.HasField("is_last") else True,
        lead_in_s=_number("lead_in_s", cue.lead_in_s, 0, LONGEST_EDGE_S),
        tail_s=_number("tail_s", cue.tail_s, 0, LONGEST_EDGE_S),
        structure=tuple(_text("structure", name, LONGEST_NAME) for name in _few("structure", cue.structure)),
        lyrics=_text("lyrics", cue.lyrics, LONGEST_LYRICS) if cue.HasField("lyrics") else None,
        wishes=wishes,
        speech=_spans("speech", cue.speech),
        density=_points("density", cue.density),
        palette=_names("palette", cue.palette, vocabulary.instruments()),
    ), warnings


def _wishes(asked: pb.Wishes) -> tuple[Wishes, tuple[str, ...]]:
    """Names stand, words add to them; a tempo, a key or a mood in the words is the request's own to say."""
    effects = [effect.name for effect in vocabulary.words().effects]
    heard = {effect.name for effect in vocabulary.words().effects if effect.is_available}
    instruments = vocabulary.instruments()
    wanted = _names("wishes.effects", asked.effects, effects)
    named = Wishes(
        instruments=_names("wishes.instruments", asked.instruments, instruments),
        avoid=_names("wishes.avoid", asked.avoid, [*instruments, *effects]),
        is_alone=asked.is_alone,
        genres=_names("wishes.genres", asked.genres, [genre.name for genre in vocabulary.words().genres]),
        effects=tuple(name for name in wanted if name in heard),
        missing=tuple(name for name in wanted if name not in heard),
        sections=tuple(_section(n, section) for n, section in enumerate(_few("wishes.sections", asked.sections))),
    )
    read = read_wishes(_text("wishes.words", asked.words, LONGEST_PROMPT))
    unused = list(read.unused)
    said = {"mood": read.mood, "tempo": read.bpm or read.band_bpm, "key": read.key or read.mode, "force": read.force}
    unused += [f"the words' {name}" for name, value in said.items() if value]
    wishes = joined(named, read).for_engine()
    return wishes, tuple(f"not used: {word}; the request's own fields say mood, tempo, key" for word in unused)


def _section(place: int, section: pb.Section) -> Section:
    where, instruments = f"wishes.sections[{place}]", vocabulary.instruments()
    effects = [effect.name for effect in vocabulary.words().effects]
    return Section(
        name=_among(f"{where}.name", section.name, [word.name for word in vocabulary.words().sections]),
        level=_number(f"{where}.level", section.level, 0, 1),
        weight=_number(f"{where}.weight", section.weight, 0.01, HEAVIEST_SECTION),
        instruments=_names(f"{where}.instruments", section.instruments, instruments),
        avoid=_names(f"{where}.avoid", section.avoid, [*instruments, *effects]),
    )


def _hits(hits: Sequence[pb.HitPoint], duration_s: float) -> tuple[HitPoint, ...]:
    return tuple(
        HitPoint(
            time_s=_before(f"hit_points[{place}].time_s", hit.time_s, duration_s),
            weight=_number(f"hit_points[{place}].weight", hit.weight, 0, 1),
            tolerance_ms=_number(f"hit_points[{place}].tolerance_ms", hit.tolerance_ms, 0, LONGEST_TOLERANCE_MS)
            or TOLERANCE_MS,
            kind=_choice(f"hit_points[{place}].kind", hit.kind, _HITS),
            locked=hit.locked,
        )
        for place, hit in enumerate(_few("hit_points", hits))
    )


def _points(name: str, points: Sequence[pb.Point]) -> tuple[tuple[float, float], ...]:
    """Points may lie outside the cue: only their order and their values are checked."""
    read = [
        (_time(f"{name}[{n}].time_s", p.time_s), _number(f"{name}[{n}].value", p.value, 0, 1))
        for n, p in enumerate(_few(name, points))
    ]
    for place, ((before_s, _), (time_s, _)) in enumerate(pairwise(read), 1):
        if time_s <= before_s:
            raise InputError(f"{name}[{place}].time_s is {time_s:g}", f"Give a time later than {before_s:g} before it")
    return tuple(read)


def _spans(name: str, spans: Sequence[pb.Span]) -> tuple[TimeRange, ...]:
    until_s = -LONGEST_FILM_S
    read = []
    for place, span in enumerate(_few(name, spans)):
        start_s = _time(f"{name}[{place}].start_s", span.start_s)
        end_s = _time(f"{name}[{place}].end_s", span.end_s)
        if not until_s <= start_s < end_s:
            raise InputError(f"{name}[{place}] is [{start_s:g}, {end_s:g})", "Give spans in order, without overlap")
        read.append(TimeRange(start_s, end_s))
        until_s = end_s
    return tuple(read)


def _key(text: str) -> Key:
    try:
        return Key.parse(_text("key", text, LONGEST_NAME))
    except ValueError as error:
        raise InputError(f"key is {text!r}", f"Give {error}") from error


def _metre(metre: pb.Metre) -> Metre:
    if not 1 <= metre.beats <= _MOST_BEATS or metre.unit not in _UNITS:
        allowed = f"Give 1 to {_MOST_BEATS} beats and a unit of 2, 4, 8 or 16"
        raise InputError(f"metre is {metre.beats}/{metre.unit}", allowed)
    return Metre(metre.beats, metre.unit)


def _choice(name: str, value: int, known: Mapping[int, Kind]) -> Kind:
    if value not in known:  # proto3 lets numbers through that a newer client knows
        raise InputError(f"{name} is {value}, which this server does not know", f"Give 0 to {max(known)}")
    return known[value]


def _among(name: str, value: str, known: Iterable[str]) -> str:
    if value not in (names := list(known)):
        raise UnknownChoice.among(name, value[:LONGEST_NAME], names)
    return value


def _names(name: str, values: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_among(name, value, known) for value in _few(name, values)))


def _few(name: str, items: Sequence[Item]) -> Sequence[Item]:
    if len(items) > MOST_POINTS:
        raise InputError(f"{name} has {len(items)} entries", f"At most {MOST_POINTS} are taken")
    return items


def _text(name: str, value: str, longest: int) -> str:
    if len(value) > longest:
        raise InputError(f"{name} has {len(value)} characters", f"At most {longest} are taken")
    if any(ord(letter) < 32 and letter not in "\t\r\n" for letter in value):
        raise InputError(f"{name} has control characters in it", "Take them out")
    return value


def _number(name: str, value: float, low: float, high: float) -> float:
    if not low <= value <= high:  # NaN is not
        raise InputError(f"{name} is {value:g}", f"Give a number of {low:g} to {high:g}")
    return value


def _time(name: str, value_s: float) -> float:
    """A time that may lie outside the cue, as after a person has moved its edges, but not outside any film."""
    return _number(name, value_s, -LONGEST_FILM_S, LONGEST_FILM_S)


def _before(name: str, value_s: float, end_s: float) -> float:
    if not 0 <= value_s < end_s:
        raise InputError(f"{name} is {value_s:g}", f"Give 0 up to but not {end_s:g}, within the cue")
    return value_s


def _whole(name: str, value: int, high: int) -> int:
    if not 0 <= value <= high:
        raise InputError(f"{name} is {value}", f"Give 0 to {high}")
    return value
