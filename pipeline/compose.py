"""Have every cue of a sheet composed: by the engine chosen, one at a time, and only those not made before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.gate.ladder import asked_again
from pipeline.job import Job
from pipeline.sound.file import StemFiles
from pipeline.stages.played import PlayedBy
from pipeline.stages.requests import requests_of
from pipeline.stages.take import Band, Made, Ordered, compose_one
from scoring.cue_sheet import CueSheet
from scoring.cue_sheet_json import dumps
from scoring.request import CueTake, Score
from scoring.timebase import TimeRange


@dataclass(frozen=True, slots=True)
class Composed:
    """The score, where its sound lies, and what went on.

    keys: cue id → the key of its take in the workspace. made: ids of cues composed now. fallbacks: (cue, engine that
    failed or could not start, reason), for each cue that another engine stood in for. open_take: a take's stems, to be
    read from disk. by: the engines.
    """

    score: Score
    keys: dict[str, str]
    made: tuple[str, ...]
    fallbacks: tuple[tuple[str, str, str], ...]
    open_take: Callable[[CueTake], StemFiles]
    by: PlayedBy


def compose(job: Job, sheet: CueSheet, speech: Sequence[TimeRange], again: Mapping[str, int] | None = None) -> Composed:
    """One take per cue, from the first of the job's engines that manages it. speech: where the music must make room.

    again: cue id → for the how manieth time it is composed again, each time from another seed.

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
    for cue, plain in zip(sheet.cues, requests_of(sheet, speech), strict=True):
        share = cue.duration_s / total_s
        request = asked_again(plain, (again or {}).get(cue.id, 0))

        def tell(part: float, base: float = done_s / total_s, share: float = share) -> None:
            advance(base + part * share)

        one = compose_one(Ordered(request, job.workspace), band, tell)
        for note in (*stood_in(one), *tried(one)):
            if note not in job.clock.notes:
                job.clock.note(note)
        made.append(one)
        done_s += cue.duration_s
        advance(done_s / total_s)
    if job.take is None:
        job.workspace.forget_other_takes()
    missing = [band.missing] * len(made)
    return composed_of(job, made, missing, PlayedBy.of(job.players))


def composed_of(job: Job, made: Sequence[Made], missing: Sequence[Sequence[tuple[str, str]]], by: PlayedBy) -> Composed:
    """The score that takes in the job's workspace make, one per cue, in order.

    missing: for each cue, (engine, reason) of one asked for that could not start where it was composed.
    """
    keys = {one.take.cue_id: one.key for one in made}
    workspace = job.workspace
    return Composed(
        Score(tuple(one.take for one in made)),
        keys,
        tuple(one.take.cue_id for one in made if one.was_made),
        tuple(
            (one.take.cue_id, name, reason)
            for one, absent in zip(made, missing, strict=True)
            for name, reason in (*absent, *one.failed)
        ),
        open_take=lambda take: workspace.open_take(keys[take.cue_id], take),
        by=by,
    )


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
