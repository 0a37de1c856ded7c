"""A job's cue sheet as people edit it, its takes, and the jobs that are made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, select, update

from integrations.jobs import states
from integrations.jobs.database import Database
from integrations.jobs.intake import Ask
from integrations.jobs.orders import Order, read_order
from integrations.jobs.reading import job_row
from integrations.jobs.tables import artefacts, jobs, units
from integrations.storage.storage import Storage
from integrations.work.task import File, Outcome
from scoring import cue_sheet_json
from scoring.cue_sheet import Cue, CueSheet
from scoring.errors import Conflict, Gone, StoredMissing, UnknownId
from scoring.json_text import write_json
from scoring.seeds import cue_seed
from scoring.wishes.asked import Asked

SHEET = "cues.json"
_MOST_SHEET_BYTES = 8 * 2**20
_MOST_FAMILY = 200  # revisions of one film that are looked at for takes
# What was decided when the film was first spotted stands in the sheet; said again it would change it.
_SPOTTED = ("takes", "prompt", "avoid", "instruments", "mood", "bpm", "key", "style", "seed")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A cue sheet as text. is_draft: somebody edited it since the job was done."""

    text: str
    is_draft: bool

    @property
    def etag(self) -> str:
        """A strong one, of its content."""
        return f'"{hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class Take:
    """One time that a cue was composed. id: its unit's. files: its stems and notes, none until it is done.

    chosen: its seed is the one that the job's sheet has for the cue. take: which of several for the whole film.
    """

    id: str
    job_id: str
    cue: str
    take: int
    state: str
    seed: int | None
    facts: dict[str, Any]
    files: tuple[File, ...]
    is_chosen: bool
    created_s: float


def read_sheet(database: Database, storage: Storage, tenant: str, job_id: str) -> Sheet:
    """A job's cue sheet: as edited, else as it was used.

    Raises UnknownId and Gone as read_job does; Conflict while there is none yet, or for a job that makes none.
    """
    with database.reading() as connection:
        job = job_row(connection, tenant, job_id)
        if job.draft is not None:
            return Sheet(job.draft, is_draft=True)
        mine = [artefacts.c.job_id == job_id, artefacts.c.name == SHEET]
        row = connection.execute(select(artefacts).where(*mine)).one_or_none()
    if row is None:
        given = job.order.get("texts", {}).get("sheet")
        if given:
            return Sheet(given, is_draft=False)
        raise Conflict(
            f"the job has no cue sheet: it is of kind {job.kind}, and {job.state}", "See it once the film is spotted"
        )
    try:
        text = storage.get_bytes(row.storage_key, _MOST_SHEET_BYTES).decode("utf-8")
    except StoredMissing as error:
        raise Gone("the job's cue sheet is not kept any more", "Score the film again") from error
    return Sheet(text, is_draft=False)


def write_sheet(
    database: Database, storage: Storage, tenant: str, job_id: str, text: str, *, if_match: str | None = None
) -> Sheet:
    """Keep an edited sheet as the job's draft; what it was made of stays as it is.

    Raises CueSheetError for one that says something impossible, SheetChanged when if_match is not the ETag of the
    sheet there is, and as read_sheet does.
    """
    draft = Sheet(cue_sheet_json.dumps(cue_sheet_json.loads(text)), is_draft=True)
    before = read_sheet(database, storage, tenant, job_id)
    if if_match is not None and if_match.strip() not in ("*", before.etag):
        raise SheetChanged("the cue sheet is not the one that you have", "Read it again, and make the change there")
    with database.writing() as connection:
        job = job_row(connection, tenant, job_id)
        if if_match is not None and before.is_draft and job.draft != before.text:
            raise SheetChanged("the cue sheet was changed meanwhile", "Read it again, and make the change there")
        mine = update(jobs).where(jobs.c.id == job_id)
        connection.execute(mine.values(draft=draft.text, version=jobs.c.version + 1))
    return draft


class SheetChanged(Conflict):
    """Somebody else changed the cue sheet first."""

    http_status = 412


def rescoring(
    connection: Connection, storage: Storage, tenant: str, job_id: str, sheet: str, same: str | None = None
) -> Ask:
    """The job that scores the same film from a sheet; cues that are as they were are not composed again.

    Raises UnknownId and Gone as read_job does, Gone also when the film is not kept any more, Conflict for a job
    without one.
    """
    job = job_row(connection, tenant, job_id)
    if job.kind not in ("score", "spot"):
        raise Conflict(f"the job is of kind {job.kind}", "Only films that were spotted can be scored anew")
    source = job.source or {}
    if "key" not in source:
        raise Conflict(f"the job's film is not here yet; it is {job.state}", "Wait until it is fetched")
    if not storage.exists(source["key"]):
        raise Gone("the job's film is not kept any more", "Upload it again")
    order = read_order(job.order)
    wish = {name: value for name, value in order.wish.items() if name not in _SPOTTED}
    texts = {name: text for name, text in order.texts.items() if name != "prompts"} | {"sheet": sheet}
    revised = read_order(Order("score", wish, texts).to_json())
    return Ask(order=revised, source=source, upload_id=job.upload_id, parent_id=job_id, same=same, arm=job.arm)


def revised(text: str, cue_id: str, asked: Asked, seed: int | None, mark: str) -> str:
    """The sheet with other wishes for one cue, and another seed: the one given, else one that follows from `mark`.

    Raises UnknownId for a cue that the sheet has not, CueSheetError for wishes that cannot be.
    """
    sheet = cue_sheet_json.loads(text)
    cue = find_cue(sheet, cue_id)
    changed = replace(cue, wishes=asked.over(cue.wishes), seed=cue_seed(cue.seed, mark) if seed is None else seed)
    return _with(sheet, changed)


def reseeded(text: str, cue_id: str, seed: int) -> str:
    """The sheet with an earlier take's seed for one cue. Raises UnknownId."""
    sheet = cue_sheet_json.loads(text)
    return _with(sheet, replace(find_cue(sheet, cue_id), seed=seed))


def find_cue(sheet: CueSheet, cue_id: str) -> Cue:
    """A cue by its id. Raises UnknownId, which names those there are."""
    for cue in sheet.cues:
        if cue.id == cue_id:
            return cue
    raise UnknownId(
        f"the cue sheet has no cue {cue_id[:80]!r}", f"It has: {', '.join(cue.id for cue in sheet.cues)[:400]}"
    )


def read_wishes(fields: dict[str, Any]) -> Asked:
    """Wishes for a cue as they stand in its sheet. Raises CueSheetError, InputError."""
    if not any(value not in (None, "", []) for value in fields.values()):
        return Asked()
    probe = {**_PROBE, "cues": [{**_PROBE["cues"][0], "wishes": fields}]}
    return cue_sheet_json.loads(write_json(probe)).cues[0].wishes


def takes_of(connection: Connection, tenant: str, job_id: str, sheet: CueSheet | None) -> list[Take]:
    """Every take of every cue: the job's, those of the jobs that it is a revision of, and of its revisions.

    In the order of their making. Raises UnknownId and Gone as read_job does.
    """
    family = _family(connection, tenant, job_row(connection, tenant, job_id))
    rows = connection.execute(
        select(units)
        .where(units.c.job_id.in_(family), units.c.kind == "compose")
        .order_by(units.c.created_s, units.c.job_id, units.c.name)
    ).all()
    seeds = {} if sheet is None else {cue.id: cue.seed for cue in sheet.cues}
    return [_take(row, seeds) for row in rows]


def find_take(takes: Sequence[Take], take_id: str) -> Take:
    """A take by its id. Raises UnknownId."""
    for take in takes:
        if take.id == take_id:
            return take
    raise UnknownId(f"there is no take {take_id[:80]}", "See the job's takes")


def _family(connection: Connection, tenant: str, job: Row[Any]) -> list[str]:
    """The ids of a job, of what it came of and of what came of that, the first job's first."""
    root: Row[Any] = job
    seen = {job.id}
    while root.parent_id is not None and root.parent_id not in seen:
        above = [jobs.c.id == root.parent_id, jobs.c.tenant_id == tenant, jobs.c.state != states.EXPIRED]
        row = connection.execute(select(jobs).where(*above)).one_or_none()
        if row is None:
            break
        seen.add(row.id)
        root = row
    family, last = [root.id], [root.id]
    while last and len(family) < _MOST_FAMILY:
        below = [jobs.c.parent_id.in_(last), jobs.c.tenant_id == tenant, jobs.c.state != states.EXPIRED]
        query = select(jobs.c.id).where(*below).order_by(jobs.c.created_s).limit(_MOST_FAMILY - len(family))
        last = [each for each in connection.execute(query).scalars() if each not in family]
        family += last
    return family if job.id in family else [*family, job.id]


def _take(row: Row[Any], seeds: dict[str, int]) -> Take:
    cue, _, number = row.name.partition("@")
    outcome = Outcome.from_json(row.outcome) if row.outcome else Outcome()
    seed = outcome.facts.get("seed")
    return Take(
        id=row.id,
        job_id=row.job_id,
        cue=cue,
        take=int(number) if number.isdecimal() else 1,
        state=row.state,
        seed=seed,
        facts=dict(outcome.facts),
        files=tuple(file for file in outcome.files if file.media_type.startswith("audio/")),
        is_chosen=seed is not None and seeds.get(cue) == seed,
        created_s=row.created_s,
    )


def _with(sheet: CueSheet, changed: Cue) -> str:
    cues = tuple(changed if cue.id == changed.id else cue for cue in sheet.cues)
    text = cue_sheet_json.dumps(replace(sheet, cues=cues))
    cue_sheet_json.loads(text)  # a wish that cannot be is refused here, not in a worker
    return text


def seed_of(take: Take) -> int:
    """A take's seed. Raises Conflict while it is not composed."""
    if take.seed is None:
        raise Conflict(f"the take is {take.state}", "Choose one that is done")
    return take.seed


_PROBE: dict[str, Any] = {
    "schema": cue_sheet_json.SCHEMA,
    "duration_s": 60.0,
    "frame_rate": "25",
    "cues": [{"id": "the cue", "in_s": 0.0, "out_s": 60.0, "bpm": 100.0, "key": "C major"}],
}
