"""From takes made anywhere to finished films: lay, mix, master, mux, measure. This machine may lack their engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from integrations.service.faults import checkpoint
from integrations.work.bench import STEM
from integrations.work.desk import Desk, plain, without_places
from integrations.work.task import File, Outcome
from integrations.work.units.looking import Earlier, lay_analysis
from integrations.work.units.spot import sheet_name, step_name
from music_engine.registry import availability, make_engine
from pipeline.job import Job, Players, open_job
from pipeline.listen import Heard, listen
from pipeline.publish import write_text
from pipeline.report.report import Report
from pipeline.score_takes import make_takes
from pipeline.score_video import Deliverable, finish_well
from pipeline.stages.gathering import Record, gather
from pipeline.takes.sheets import TakeSheet
from scoring import cue_sheet_json
from scoring.cue_sheet import CueSheet

_NEEDS_NO_MODEL = "composer"
_MEDIA = {
    ".mp4": "video/mp4",
    ".m4v": "video/x-m4v",
    ".mov": "video/quicktime",
    ".3gp": "video/3gpp",
    ".3g2": "video/3gpp2",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".avi": "video/x-msvideo",
    ".ts": "video/mp2t",
    ".m2ts": "video/mp2t",
    ".mts": "video/mp2t",
    ".mxf": "application/mxf",
    ".flv": "video/x-flv",
    ".flac": "audio/flac",
    ".wav": "audio/wav",
    ".json": "application/json",
    ".html": "text/html",
}


def finish(desk: Desk) -> Outcome:
    """The finished film, or one for each take with the comparison."""
    film = desk.bench.film()
    earlier, spotted = lay_analysis(desk), desk.before("spot")
    sheets = [
        TakeSheet(planned["seed"], _sheet(desk, spotted, number))
        for number, planned in enumerate(spotted.facts["takes"], 1)
    ]
    composed = [
        [desk.before("compose", step_name(cue.id, number)) for cue in planned.sheet.cues]
        for number, planned in enumerate(sheets, 1)
    ]
    cues = [outcome for row in composed for outcome in row]
    for outcome in cues:
        desk.bench.lay_take(outcome.facts["take"], [f for f in outcome.files if f.name.startswith("cues/")])
    job = _job(desk, film, earlier, [earlier.outcome, spotted, *cues])
    heard = replace(listen(job), was_kept=earlier.outcome.facts["was_kept"])
    notes = [*earlier.outcome.facts["notes"], *job.clock.notes, *spotted.facts["notes"]]
    job.clock.notes[:] = dict.fromkeys(notes)

    def make(own: Job, heard: Heard, sheet: CueSheet) -> Deliverable:
        records = [Record.from_json(outcome.facts["record"]) for outcome in composed[(own.take or 1) - 1]]
        return finish_well(own, heard, sheet, gather(own, sheet, records))

    if len(sheets) == 1:
        made = make(job, heard, sheets[0].sheet)
        checkpoint("finish.muxed")
        names = {made.report_path: "report.json", **({} if made.page is None else {made.page: "report.html"})}
        files = _files(desk, made, names)
        facts: dict[str, Any] = _summary(made.report)
    else:
        takes = make_takes(job, heard, sheets, desk.watched(earlier.outcome, spotted, *cues), make)
        checkpoint("finish.muxed")
        files = [file for take in takes.takes for file in _files(desk, take.made, {take.cues: take.cues.name})]
        files += [_put(desk, path, path.name) for path in (takes.page, takes.clip)]
        facts = _summary(takes.takes[0].made.report)
        facts["takes"] = [{"seed": take.seed, **_summary(take.made.report)} for take in takes.takes]
    files.append(_put(desk, job.workspace.folder / "manifest.json", "manifest.json"))
    checkpoint("finish.stored")
    return Outcome(tuple(files), plain(facts))


def _job(desk: Desk, film: Path, earlier: Earlier, before: Sequence[Outcome]) -> Job:
    """The job as if this machine had done it all until now."""
    wish = replace(desk.wish, output=desk.bench.out)
    # The cues were composed elsewhere. One that fails in the film can be made again here where it needs no model.
    options = wish.engines.over(desk.settings.engines)
    able = (make_engine(_NEEDS_NO_MODEL, options),) if availability(_NEEDS_NO_MODEL, options).ready else ()
    players = Players(able, "composed elsewhere", options)
    takes = desk.takes if desk.takes > 1 else None
    job = open_job(film, wish, desk.watched(*before), desk.settings, takes=takes, known=earlier.known, players=players)
    for outcome in before:
        for stage, seconds in outcome.facts["stages_s"].items():
            job.clock.stages_s[stage] = job.clock.stages_s.get(stage, 0.0) + seconds
    return job


def _sheet(desk: Desk, spotted: Outcome, take: int) -> CueSheet:
    name = sheet_name(take)
    path = desk.bench.lay(spotted.file(name), desk.bench.folder / name)
    return cue_sheet_json.loads(path.read_text(encoding="utf-8"))


def _files(desk: Desk, made: Deliverable, names: Mapping[Path, str]) -> list[File]:
    """A finished film and what lies beside it. names: what people see of a file where that is not its own name."""
    also = [path for path in (made.page, made.music) if path is not None]
    paths = [made.video, made.report_path, *also, *names]
    files = [_put(desk, path, names.get(path, path.name)) for path in dict.fromkeys(paths)]
    if made.stems is not None:
        folder = made.stems.name.removeprefix(f"{STEM}.")  # "stems", "take2.stems"
        for path in sorted(path for path in made.stems.rglob("*") if path.is_file()):
            name = f"{folder}/{path.relative_to(made.stems).as_posix()}"
            within = name.rpartition("/")[0].replace(" ", "-")  # keys have no spaces
            files.append(_put(desk, path, name, folder=f"{within}/"))
    return files


def _put(desk: Desk, path: Path, name: str, folder: str = "") -> File:
    if path.suffix in (".json", ".html"):
        text = path.read_text(encoding="utf-8")
        if (clean := without_places(text, desk.bench)) != text:
            write_text(path, clean)
    return desk.bench.put(path, name, _MEDIA[path.suffix.lower()], shown=True, folder=folder)


def _summary(report: Report) -> dict[str, Any]:
    document = report.to_json()
    kept = ("checks", "fell_short", "loudness", "losses", "warnings", "stages_s")
    return {**{name: document[name] for name in kept}, "engine": document["facts"]["engine"]}
