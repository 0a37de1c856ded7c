"""Compose cues: several of one batch in one go. Needs the sheet and an engine, not the film."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from integrations.service.faults import checkpoint
from integrations.work.desk import Desk, Watched, plain
from integrations.work.task import File, Outcome
from integrations.work.units.spot import sheet_name
from pipeline.job import Players, choose_players
from pipeline.settings import Settings
from pipeline.stages.gathering import Record
from pipeline.stages.playable import write_playable
from pipeline.stages.requests import requests_of
from pipeline.stages.take import Band, Made, Ordered, compose_together
from pipeline.wish import Wish
from pipeline.workspace import digest
from scoring import cue_sheet_json
from scoring.cue_sheet import CueSheet
from scoring.errors import Cancelled, CueSheetError, CuesmithError
from scoring.request import CueRequest
from scoring.timebase import TimeRange

_MEDIA = {".flac": "audio/flac", ".mid": "audio/midi", ".json": "application/json"}


class _Warm:
    """The engines of the last batch: loading a model's weights takes longer than most cues."""

    def __init__(self) -> None:
        self._key = ""
        self._players: Players | None = None

    def players(self, wish: Wish, settings: Settings) -> Players:
        """As choose_players. A change of what is asked or set lets go of the engines before."""
        options = wish.engines.over(settings.engines)
        key = digest([wish.engine, wish.fallback, options.said()])
        if self._players is None or key != self._key:
            self._players = None
            self._players = choose_players(wish, settings)
            self._key = key
        return self._players


_WARM = _Warm()


def compose(desks: Sequence[Desk]) -> list[Outcome | CuesmithError]:
    """What became of each cue, in order. All ask the same of the engines: their batch keys are the same.

    Raises CueSheetError, EngineUnavailable, CheckpointRefused, UnknownChoice, Cancelled.
    """
    began_s = time.monotonic()
    watched = [desk.watched() for desk in desks]
    advance = watched[0].stage("compose")
    asked = [Ordered(_request(desk), desk.bench.workspace()) for desk in desks]
    band = Band(_WARM.players(desks[0].wish, desks[0].settings), desks[0].wish.fallback)
    results = compose_together(asked, band, advance, desks[0].cancelled)
    took_s = time.monotonic() - began_s
    return [
        result if isinstance(result, CuesmithError) else _stored(desk, one, result, band, own, took_s / len(desks))
        for desk, one, result, own in zip(desks, asked, results, watched, strict=True)
    ]


def _request(desk: Desk) -> CueRequest:
    """The cue's request. Raises CueSheetError when the sheet has no such cue."""
    wanted = str(desk.task.payload.get("cue") or desk.order.cue)
    speech = [TimeRange(*edges) for edges in desk.task.payload.get("speech", ())]
    for request in requests_of(_sheet(desk), speech):
        if request.cue_id == wanted:
            return request
    raise CueSheetError(f"the sheet has no cue {wanted!r}", "Name one of the sheet's cues")


def _sheet(desk: Desk) -> CueSheet:
    if desk.wish.cues is not None and desk.order.kind == "compose_cue":
        return cue_sheet_json.loads(desk.order.texts["sheet"])
    name = sheet_name(int(desk.task.payload["take"]))
    path = desk.bench.lay(desk.before("spot").file(name), desk.bench.folder / name)
    return cue_sheet_json.loads(path.read_text(encoding="utf-8"))


def _stored(
    desk: Desk, asked: Ordered, made: Made, band: Band, watched: Watched, seconds: float
) -> Outcome | CuesmithError:
    try:
        return _store(desk, asked, made, band, watched, seconds)
    except Cancelled:
        raise
    except CuesmithError as error:
        return error


def _store(desk: Desk, asked: Ordered, made: Made, band: Band, watched: Watched, seconds: float) -> Outcome:
    record = Record.of(made, band)
    for note in record.notes:
        watched.note(note)
    folder = asked.workspace.take_folder(made.take.cue_id, made.key)
    is_alone = desk.order.kind == "compose_cue"
    checkpoint("compose.done")
    files: list[File] = []
    for path in sorted(folder.iterdir()):
        shown = path.suffix == ".mid" or (path.suffix == ".flac" and (is_alone or desk.wish.stems))
        files.append(desk.bench.put(path, f"cues/{folder.name}/{path.name}", _MEDIA[path.suffix], shown=shown))
    warnings = [*made.take.warnings]
    if is_alone:
        path = desk.bench.folder / f"{folder.name}.flac"
        turned_down_db = write_playable(made, asked.workspace, path)
        files.append(desk.bench.put(path, "cue.flac", "audio/flac", shown=True))
        if turned_down_db < 0:
            warnings.append(f"cue.flac is turned down by {-turned_down_db:.1f} dB so that it does not clip")
    checkpoint("compose.stored")
    return Outcome(tuple(files), plain(_facts(asked.request, made, record, folder.name, warnings, seconds)))


def _facts(
    request: CueRequest, made: Made, record: Record, folder: str, warnings: Sequence[str], seconds: float
) -> dict[str, Any]:
    engine = made.take.engine
    return {
        "cue": request.cue_id,
        "engine": engine,
        "version": record.by.versions.get(engine),
        "tempo": "exact" if engine in record.by.exact else "soft",
        "seed": made.take.seed,
        "duration_s": request.duration_s,
        "bpm": request.bpm,
        "key": str(request.key),
        "take": folder,
        "warnings": warnings,
        "unheeded": made.take.unheeded,
        "composed_now": made.was_made,
        "record": json.loads(json.dumps(record.to_json())),
        "notes": record.notes,
        "stages_s": {"compose": seconds},
    }
