"""cues.json: the cue sheet as people edit it.

A cue needs id, in_s, out_s, bpm and key; everything else may be left out:

    mood              "neutral"
    metre             "4/4"
    first_downbeat_s  in_s
    valence, arousal, tension   those of the mood
    intensity         level, from arousal
    density           as the intensity
    hit_points        none
    transition        a crossfade of 2 beats; an ending for the last cue
    prompt            mood, tempo, key
    seed              from the film's seed and the cue's id
    locked            false
    prompt_as_spotted nothing: the whole prompt is a person's, unless that is left out as well
    wishes            none (wishes/asked_json.py)

and of the sheet source, style, seed, analyser and silences. Fields this version does not know are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, get_args

from scoring.cue_sheet import MINIMUM_FILM_S, Cue, CueSheet, HitKind, HitPoint, Metre, Transition, TransitionKind
from scoring.cue_sheet_checks import check_sheet
from scoring.errors import CueSheetError
from scoring.hits import TOLERANCE_MS
from scoring.intensity import Point
from scoring.json_fields import DECIMALS, Fields
from scoring.json_text import read_json, write_json
from scoring.key import Key
from scoring.limits import (
    BPM_RANGE,
    HIGHEST_SEED,
    LONGEST_FILM_S,
    LONGEST_OVERLAP_BEATS,
    LONGEST_TOLERANCE_MS,
)
from scoring.moods import MOODS, mood_names
from scoring.prompts import INSTRUMENTAL, Saying, write_prompt
from scoring.seeds import cue_seed
from scoring.timebase import FrameRate, TimeRange
from scoring.wishes import asked_json
from scoring.wishes.vocabulary import instruments

SCHEMA = "cuesmith.cues/1"
DEFAULT_STYLE = "cinematic"
DEFAULT_BEATS: dict[TransitionKind, float] = {"crossfade": 2.0, "ring_out": 4.0, "cut": 0.0, "end": 0.0}


def dumps(sheet: CueSheet) -> str:
    """The sheet as pretty JSON, floats to DECIMALS. loads() gives it back."""
    return write_json(
        {
            "schema": SCHEMA,
            "source": sheet.source,
            "duration_s": _rounded(sheet.duration_s),
            "frame_rate": str(sheet.frame_rate),
            "style": sheet.style,
            "seed": sheet.seed,
            "analyser": sheet.analyser,
            "silences": [[_rounded(s.start_s), _rounded(s.end_s)] for s in sheet.silences],
            "cues": [_cue_object(cue) for cue in sheet.cues],
            **sheet.extra,
        }
    )


def loads(text: str) -> CueSheet:
    """The sheet a JSON text describes, checked as check_sheet() does.

    Raises CueSheetError: which cue, which field, what was found, what is allowed.
    """
    fields = Fields(read_json(text), "cue sheet")
    _check_schema(fields)
    duration_s = fields.number("duration_s", MINIMUM_FILM_S, LONGEST_FILM_S)
    seed = fields.whole("seed", 0, HIGHEST_SEED, 0)
    cues = fields.items("cues", is_required=True)
    sheet = CueSheet(
        source=fields.text("source", ""),
        duration_s=duration_s,
        frame_rate=_read_frame_rate(fields),
        style=fields.text("style", DEFAULT_STYLE),
        seed=seed,
        analyser=fields.text("analyser", ""),
        cues=tuple(
            _read_cue(cue, place, is_last=place == len(cues), duration_s=duration_s, film_seed=seed)
            for place, cue in enumerate(cues, 1)
        ),
        silences=_read_silences(fields, duration_s),
        extra=fields.extra(),
    )
    check_sheet(sheet)
    return sheet


def _rounded(value: float) -> float:
    return round(float(value), DECIMALS)


def _cue_object(cue: Cue) -> dict[str, Any]:
    return {
        "id": cue.id,
        "in_s": _rounded(cue.in_s),
        "out_s": _rounded(cue.out_s),
        "mood": cue.mood,
        "bpm": _rounded(cue.bpm),
        "key": str(cue.key),
        "metre": str(cue.metre),
        "first_downbeat_s": _rounded(cue.first_downbeat_s),
        "valence": _rounded(cue.valence),
        "arousal": _rounded(cue.arousal),
        "tension": _rounded(cue.tension),
        "intensity": _point_lists(cue.intensity),
        **({"density": _point_lists(cue.density)} if cue.density else {}),
        **({"setting": cue.setting} if cue.setting else {}),
        **({"palette": list(cue.palette)} if cue.palette else {}),
        "hit_points": [_hit_object(hit) for hit in cue.hit_points],
        "transition": {
            "kind": cue.transition.kind,
            "beats": _rounded(cue.transition.beats),
            **cue.transition.extra,
        },
        "prompt": cue.prompt,
        "seed": cue.seed,
        "locked": cue.locked,
        "prompt_as_spotted": cue.prompt_as_spotted,
        **asked_json.wishes_object(cue.wishes),
        **cue.extra,
    }


def _point_lists(points: Sequence[Point]) -> list[list[float]]:
    return [[_rounded(time_s), _rounded(value)] for time_s, value in points]


def _hit_object(hit: HitPoint) -> dict[str, Any]:
    return {
        "time_s": _rounded(hit.time_s),
        "weight": _rounded(hit.weight),
        "tolerance_ms": _rounded(hit.tolerance_ms),
        "kind": hit.kind,
        "locked": hit.locked,
        **hit.extra,
    }


def _check_schema(fields: Fields) -> None:
    found = fields.text("schema", allowed=f'"{SCHEMA}"')
    name, _, version = found.rpartition("/")
    if name == SCHEMA.rpartition("/")[0] and version.isdecimal() and int(version) > int(SCHEMA.rpartition("/")[2]):
        raise CueSheetError(
            f"cue sheet: schema is {found!r}, written by a newer Cuesmith", f"Update Cuesmith, or use {SCHEMA!r}"
        )
    if found != SCHEMA:
        raise fields.refuse("schema", f'"{SCHEMA}"')


def _read_frame_rate(fields: Fields) -> FrameRate:
    allowed = '"30000/1001", "25" or the like, 1 to 1000 frames a second'
    try:
        rate = FrameRate.parse(fields.text("frame_rate", allowed=allowed))
    except (ValueError, ZeroDivisionError) as error:
        raise fields.refuse("frame_rate", allowed) from error
    if not 1 <= rate.fraction <= 1000:
        raise fields.refuse("frame_rate", allowed)
    return rate


def _read_silences(fields: Fields, duration_s: float) -> tuple[TimeRange, ...]:
    allowed = f"[start, end] in seconds, running forward within 0 to {duration_s:g}"
    silences = []
    for index, (start_s, end_s) in enumerate(fields.pairs("silences", allowed)):
        if not 0 <= start_s < end_s <= duration_s:
            raise CueSheetError.field("cue sheet", f"silences[{index}]", [start_s, end_s], allowed)
        silences.append(TimeRange(start_s, end_s))
    return tuple(silences)


def _read_cue(value: object, place: int, *, is_last: bool, duration_s: float, film_seed: int) -> Cue:
    cue_id = Fields(value, f"cue number {place}").text("id", allowed='a name of its own, such as "1m2"')
    if not cue_id.strip():
        raise CueSheetError.field(f"cue number {place}", "id", cue_id, 'a name of its own, such as "1m2"')
    fields = Fields(value, f"cue {cue_id}")
    fields.is_given("id")
    in_s, out_s = (fields.number(name, 0.0, duration_s) for name in ("in_s", "out_s"))
    bpm = fields.number("bpm", *BPM_RANGE)
    key = _read_key(fields)
    mood = MOODS[fields.choice("mood", mood_names(), "neutral")]
    arousal = fields.number("arousal", -1.0, 1.0, mood.arousal)
    ours = write_prompt(Saying(mood.name, bpm, key))
    return Cue(
        id=cue_id,
        in_s=in_s,
        out_s=out_s,
        mood=mood.name,
        bpm=bpm,
        key=key,
        metre=_read_metre(fields),
        first_downbeat_s=fields.number("first_downbeat_s", 0.0, duration_s, in_s),
        valence=fields.number("valence", -1.0, 1.0, mood.valence),
        arousal=arousal,
        tension=fields.number("tension", 0.0, 1.0, mood.tension),
        intensity=_read_points(fields, "intensity") or ((in_s, round((arousal + 1) / 2, 3)),),
        density=_read_points(fields, "density"),
        setting=fields.text("setting", ""),
        palette=_read_palette(fields),
        hit_points=tuple(
            _read_hit(Fields(hit, fields.where, f"hit_points[{index}]."), duration_s)
            for index, hit in enumerate(fields.items("hit_points"))
        ),
        transition=_read_transition(fields.inner("transition"), "end" if is_last else "crossfade"),
        prompt=fields.text("prompt", ours),
        prompt_as_spotted=fields.text("prompt_as_spotted", _as_spotted(fields, ours)),
        wishes=asked_json.read_asked(fields),
        seed=fields.whole("seed", 0, HIGHEST_SEED, cue_seed(film_seed, cue_id)),
        locked=fields.flag("locked"),
        extra=fields.extra(),
    )


def _as_spotted(fields: Fields, ours: str) -> str:
    """What a sheet that does not say so had from spotting: prompts of ours end as no person's would."""
    prompt = fields.text("prompt", ours)
    return prompt if prompt.endswith(f", {INSTRUMENTAL}") else ""


def _read_key(fields: Fields) -> Key:
    try:
        return Key.parse(fields.text("key", allowed="a key such as 'D minor'"))
    except ValueError as error:
        raise fields.refuse("key", str(error)) from error


def _read_metre(fields: Fields) -> Metre:
    match = re.fullmatch(r"([0-9]{1,2})/(2|4|8|16)", fields.text("metre", "4/4", '"4/4", "3/4" or the like'))
    if match is None or not 1 <= int(match[1]) <= 15:
        raise fields.refuse("metre", '1 to 15 beats and their unit 2, 4, 8 or 16: "4/4", "6/8"')
    return Metre(int(match[1]), int(match[2]))


def _read_points(fields: Fields, name: str) -> tuple[Point, ...]:
    allowed = "[time in seconds, value 0 to 1]"
    points = tuple(fields.pairs(name, allowed))
    for index, point in enumerate(points):
        if point[0] < 0.0 or not 0.0 <= point[1] <= 1.0:
            raise CueSheetError.field(fields.where, f"{name}[{index}]", list(point), allowed)
    return points


def _read_palette(fields: Fields) -> tuple[str, ...]:
    names = fields.items("palette")
    for index, name in enumerate(names):
        if name not in instruments():
            raise CueSheetError.field(fields.where, f"palette[{index}]", name, ", ".join(instruments()))
    return tuple(str(name) for name in names)


def _read_hit(fields: Fields, duration_s: float) -> HitPoint:
    kind: HitKind = fields.choice("kind", get_args(HitKind), "manual")  # type: ignore[assignment]
    return HitPoint(
        time_s=fields.number("time_s", 0.0, duration_s),
        weight=fields.number("weight", 0.0, 1.0, 1.0),
        tolerance_ms=fields.number("tolerance_ms", 1.0, LONGEST_TOLERANCE_MS, TOLERANCE_MS),
        kind=kind,
        locked=fields.flag("locked"),
        extra=fields.extra(),
    )


def _read_transition(fields: Fields, default: TransitionKind) -> Transition:
    kind: TransitionKind = fields.choice("kind", get_args(TransitionKind), default)  # type: ignore[assignment]
    beats = fields.number("beats", 0.0, LONGEST_OVERLAP_BEATS, DEFAULT_BEATS[kind])
    if kind in ("cut", "end") and beats:
        raise fields.refuse("beats", f"0 for the kind {kind!r}, or left out")
    return Transition(kind, beats, fields.extra())
