"""Have every cue of a sheet composed: by the engine chosen, one at a time, and only those not made before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.gate.ladder import asked_again
from pipeline.job import Job
from pipeline.sound.file import StemFiles
from pipeline.stages.played import PlayedBy
from pipeline.stages.requests import requests_of
from pipeline.stages.take import Band, Made, Ordered, compose_one
from pipeline.workspace import Workspace
from scoring.cue_sheet import CueSheet
from scoring.cue_sheet_json import dumps
from scoring.request import CueTake, Score
from scoring.timebase import TimeRange


@dataclass(frozen=True, slots=True)
class Composed:
    """The score, where its sound lies, and what went on.

    keys: cue id → the key of its take in the workspace. made: ids of cues composed now. fallbacks: (cue, engine that
    failed or could not start, reason), for each cue that another engine stood in for. open_take: a take's stems, to be
    read from disk. by: the engines. refused: those that turned out unable to start here, and why.
    """

    score: Score
    keys: dict[str, str]
    made: tuple[str, ...]
    fallbacks: tuple[tuple[str, str, str], ...]
    open_take: Callable[[CueTake], StemFiles]
    by: PlayedBy
    refused: Mapping[str, str] = field(default_factory=dict)


def compose(job: Job, sheet: CueSheet, speech: Sequence[TimeRange]) -> Composed:
    """One take per cue, from the first of the job's engines that manages it. speech: where the music must make room.

    Raises EngineError when all of them fail on the same cue.
    """
    if job.owns_workspace:
        job.workspace.keep_cues(dumps(sheet))
    advance = job.clock.stage("compose")
    band = Band(job.players, job.wish.fallback)
    for note in standing_in(band):
        job.clock.note(note)
    total_s = sum(cue.duration_s for cue in sheet.cues)
    done_s = 0.0
    made = []
    for cue, request in zip(sheet.cues, requests_of(sheet, speech), strict=True):
        share = cue.duration_s / total_s

        def tell(part: float, base: float = done_s / total_s, share: float = share) -> None:
            advance(base + part * share)

        one = compose_one(Ordered(request, job.workspace), band, tell)
        for note in (*stood_in(one), *tried(one)):
            job.clock.note(note)
        made.append(one)
        done_s += cue.duration_s
        advance(done_s / total_s)
    missing = [band.missing] * len(made)
    return replace(composed_of(job, made, missing, PlayedBy.of(job.players)), refused=band.refused)


def compose_again(
    job: Job, sheet: CueSheet, speech: Sequence[TimeRange], composed: Composed, again: Mapping[str, int]
) -> Composed:
    """The score with some of its cues made anew, from other seeds; the other cues are not touched.

    again: cue id → for the how manieth time. Raises as compose does.
    """
    advance = job.clock.stage("compose")
    band = Band(job.players, job.wish.fallback, dict(composed.refused))
    requests = {request.cue_id: request for request in requests_of(sheet, speech)}
    takes = {take.cue_id: take for take in composed.score.takes}
    keys = dict(composed.keys)
    for place, (cue_id, number) in enumerate(again.items()):
        request = asked_again(requests[cue_id], number)

        def tell(part: float, place: int = place) -> None:
            advance((place + part) / len(again))

        one = compose_one(Ordered(request, job.workspace), band, tell)
        for note in (*stood_in(one), *tried(one)):
            job.clock.note(note)
        takes[cue_id], keys[cue_id] = one.take, one.key
        made = (*composed.made, cue_id) if one.was_made and cue_id not in composed.made else composed.made
        fallbacks = (*composed.fallbacks, *((cue_id, name, why) for name, why in one.failed))
        composed = replace(composed, made=made, fallbacks=fallbacks)
    score = Score(tuple(takes[cue.id] for cue in sheet.cues))
    return replace(composed, score=score, keys=keys, open_take=_opening(job.workspace, keys))


def composed_of(job: Job, made: Sequence[Made], missing: Sequence[Sequence[tuple[str, str]]], by: PlayedBy) -> Composed:
    """The score that takes in the job's workspace make, one per cue, in order.

    missing: for each cue, (engine, reason) of one asked for that could not start where it was composed.
    """
    keys = {one.take.cue_id: one.key for one in made}
    return Composed(
        Score(tuple(one.take for one in made)),
        keys,
        tuple(one.take.cue_id for one in made if one.was_made),
        tuple(
            (one.take.cue_id, name, reason)
            for one, absent in zip(made, missing, strict=True)
            for name, reason in (*absent, *one.failed)
        ),
        open_take=_opening(job.workspace, keys),
        by=by,
    )


def _opening(workspace: Workspace, keys: Mapping[str, str]) -> Callable[[CueTake], StemFiles]:
    return lambda take: workspace.open_take(keys[take.cue_id], take)


def standing_in(band: Band) -> list[str]:
    """What to tell people when the engine asked for could not start."""
    name = band.players.engines[0].name
    return [f"{asked} cannot start ({reason}), {name} stands in" for asked, reason in band.missing]


def stood_in(one: Made) -> list[str]:
    """What to tell people about engines that failed on a cue."""
    return [f"{one.take.cue_id}: {name} failed ({reason}), {one.take.engine} stood in" for name, reason in one.failed]


def tried(one: Made) -> list[str]:
    """What to tell people about a cue whose first take failed its audition."""
    take = one.take
    if not take.tried:
        return []
    kept = next(attempt for attempt in take.tried if attempt.kept)
    fails = f"it still fails: {kept.why}" if kept.failed else f"{kept.how}, which passes"
    notes = [f"{take.cue_id}: composed {len(take.tried)} times ({take.tried[0].why}); kept {fails}"]
    if take.withheld:
        notes.append(f"{take.cue_id}: no music, because it is not safe to deliver: {take.withheld}")
    return notes
