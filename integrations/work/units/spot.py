"""Decide what music the film gets: a cue sheet for each take, and what is to be composed. Needs no engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from integrations.service.faults import checkpoint
from integrations.work.desk import Desk, plain, without_places
from integrations.work.task import Outcome, Step
from integrations.work.units.looking import lay_analysis
from pipeline.heeding import heed
from pipeline.listen import listen
from pipeline.looking import open_looking
from pipeline.publish import write_text
from pipeline.stages.content import batch_key, content_key
from pipeline.stages.requests import requests_of
from pipeline.takes.sheets import TakeSheet, make_sheets
from scoring.cue_sheet import Cue
from scoring.cue_sheet_json import dumps
from scoring.timebase import TimeRange


def spot(desk: Desk) -> Outcome:
    """Each take's cue sheet, stored, and a step for each of its cues."""
    film = desk.bench.film()
    earlier = lay_analysis(desk)
    watched = desk.watched(earlier.outcome)
    looking = open_looking(film, desk.wish, watched, desk.settings, desk.bench.out, earlier.known)
    heard = listen(looking)
    sheets = make_sheets(looking, heard.analysis, desk.takes)
    looking.clock.stop()
    speech = heard.speech_to_clear(desk.wish)
    checkpoint("spot.done")
    files = []
    for number, planned in enumerate(sheets, 1):
        path = desk.bench.folder / sheet_name(number)
        write_text(path, dumps(planned.sheet))
        files.append(desk.bench.put(path, path.name, "application/json", shown=True))
    first = sheets[0].sheet
    facts = {
        "style": first.style,
        "seed": first.seed,
        "engine": desk.wish.engine,
        "duration_s": first.duration_s,
        "cues": [_cue(cue) for cue in first.cues],
        "takes": [{"seed": planned.seed, "cues": [c.id for c in planned.sheet.cues]} for planned in sheets],
        "wishes": [{"cue": row.cue, "obeyed": row.obeyed, "not_used": row.not_used} for row in heed(first)],
        "stages_s": looking.clock.stages_s,
        "notes": [without_places(note, desk.bench) for note in looking.clock.notes],
    }
    steps = () if desk.order.kind != "score" else tuple(_steps(desk, sheets, speech))
    return Outcome(tuple(files), plain(facts), steps)


def sheet_name(take: int) -> str:
    """What a take's sheet is called."""
    return "cues.json" if take == 1 else f"cues.take{take}.json"


def step_name(cue: str, take: int) -> str:
    """What the unit that composes a cue is called."""
    return cue if take == 1 else f"{cue}@{take}"


def _steps(desk: Desk, sheets: Sequence[TakeSheet], speech: Sequence[TimeRange]) -> Iterator[Step]:
    wish = desk.wish
    options = wish.engines.over(desk.settings.engines)
    for number, planned in enumerate(sheets, 1):
        for cue, request in zip(planned.sheet.cues, requests_of(planned.sheet, speech), strict=True):
            over = [[s.start_s, s.end_s] for s in speech if s.end_s > cue.in_s and s.start_s < cue.out_s]
            payload: dict[str, Any] = {"cue": cue.id, "take": number}
            yield Step(
                "compose",
                step_name(cue.id, number),
                payload | ({"speech": over} if over else {}),
                content_key(request, wish.engine, options, fallback=wish.fallback),
                batch_key(request, wish.engine, options, fallback=wish.fallback),
            )


def _cue(cue: Cue) -> dict[str, Any]:
    return {
        "id": cue.id,
        "in_s": cue.in_s,
        "out_s": cue.out_s,
        "mood": cue.mood,
        "bpm": cue.bpm,
        "key": str(cue.key),
        "metre": str(cue.metre),
        "seed": cue.seed,
        "locked": cue.locked,
    }
