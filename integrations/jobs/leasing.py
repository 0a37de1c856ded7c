"""Holding a unit and letting go of it: beat, finish, fail, release. A token that is not the newest changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, tuple_, update

from integrations.jobs import states
from integrations.jobs.advancing import add_units, advance, end_job, locked_job, renew_progress
from integrations.jobs.database import Database
from integrations.jobs.ids import new_id
from integrations.jobs.orders import read_order
from integrations.jobs.plan import following
from integrations.jobs.tables import artefacts, jobs, results, units
from integrations.service.problems import problem_of
from integrations.service.settings import Patience, ServiceSettings
from integrations.work.task import Outcome
from scoring.errors import CuesmithError, WorkerLost

Held = tuple[str, int]  # a unit's id and the token it is held with


def attempt_prefix(tenant: str, unit_id: str, token: int) -> str:
    """Where an attempt puts its files in the storage, which no other attempt does."""
    return f"results/{tenant}/{unit_id}/{token}"


def beat(database: Database, patience: Patience, held: Iterable[Held]) -> set[str]:
    """Renew leases; the ids of the units that are still one's own."""
    pairs = list(held)
    if not pairs:
        return set()
    mine = [units.c.state == "leased", tuple_(units.c.id, units.c.token).in_(pairs)]
    with database.writing() as connection:
        until_s = database.now_s(connection) + patience.lease_s
        connection.execute(update(units).where(*mine).values(lease_until_s=until_s))
        return set(connection.execute(select(units.c.id).where(*mine)).scalars())


def still_mine(database: Database, held: Iterable[Held]) -> set[str]:
    """The ids of the units that nobody has taken away; cheap, to be asked often."""
    pairs = list(held)
    if not pairs:
        return set()
    mine = [units.c.state == "leased", tuple_(units.c.id, units.c.token).in_(pairs)]
    with database.reading() as connection:
        return set(connection.execute(select(units.c.id).where(*mine)).scalars())


def tell_progress(database: Database, held: Held, *, state: str | None, share: float, notes: list[str]) -> None:
    """How a unit is getting on. state: the job's, of jobs.states; share 0..1."""
    unit_id, token = held
    with database.writing() as connection:
        now_s = database.now_s(connection)
        mine = [units.c.id == unit_id, units.c.token == token, units.c.state == "leased"]
        job_id = connection.execute(select(units.c.job_id).where(*mine)).scalar_one_or_none()
        if job_id is None:
            return
        job = locked_job(connection, job_id)
        connection.execute(update(units).where(*mine, units.c.progress < share).values(progress=min(share, 1.0)))
        if state is not None:
            advance(connection, now_s, job, state)
        if notes:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(notes=[*job.notes, *notes][-100:]))
        renew_progress(connection, job)


def finish(database: Database, settings: ServiceSettings, held: Held, outcome: Outcome) -> bool:
    """Publish what was made, if the unit is still one's own; whether it was. Then what follows is planned."""
    with database.writing() as connection:
        now_s = database.now_s(connection)
        return complete(connection, now_s, *held, outcome, settings.retention_s)


def complete(
    connection: Connection, now_s: float, unit_id: str, token: int, outcome: Outcome, retention_s: float
) -> bool:
    """finish, inside a transaction."""
    unit = connection.execute(select(units).where(units.c.id == unit_id)).one_or_none()
    if unit is None:
        return False
    job = locked_job(connection, unit.job_id)  # before anything is counted: two cues may end at once
    changed = connection.execute(
        update(units)
        .where(units.c.id == unit_id, units.c.token == token, units.c.state == "leased")
        .values(state="done", outcome=outcome.to_json(), progress=1.0, ended_s=now_s, error=None)
    )
    if not changed.rowcount:
        return False
    if unit.key:
        _keep(connection, now_s, unit, token, outcome)
    _publish(connection, now_s, unit, token, outcome)
    source = job.source
    if unit.kind == "fetch":
        source = dict(outcome.facts["source"])
        connection.execute(update(jobs).where(jobs.c.id == job.id).values(source=source))
    left = connection.execute(
        select(func.count()).where(
            units.c.job_id == job.id, units.c.kind == unit.kind, units.c.state.in_(("waiting", "leased"))
        )
    ).scalar_one()
    if not left:
        order = read_order(job.order)
        steps = following(order, unit.kind, outcome, source)
        if steps:
            add_units(connection, now_s, job, steps)
            renew_progress(connection, job, order)
        else:
            facts = dict(outcome.facts)
            end_job(connection, now_s, job, states.SUCCEEDED, retention_s=retention_s, result=facts)
    return True


def fail(database: Database, settings: ServiceSettings, held: Held, error: CuesmithError) -> bool:
    """A unit went wrong: it is tried again where that can help, else its job fails. Whether it was still one's own."""
    with database.writing() as connection:
        now_s = database.now_s(connection)
        unit = _mine(connection, held)
        if unit is not None:
            give_up_or_retry(connection, now_s, settings, unit, error)
        return unit is not None


def give_up_or_retry(
    connection: Connection, now_s: float, settings: ServiceSettings, unit: Row[Any], error: CuesmithError
) -> None:
    """fail, inside a transaction, of a unit that was leased when its row was read."""
    patience = settings.patience
    job = locked_job(connection, unit.job_id)
    # Of two units of one job that lapse together, the end of the first may have dropped the second.
    still = [units.c.id == unit.id, units.c.token == unit.token, units.c.state == "leased"]
    problem = {**problem_of(error), "stage": unit.kind, "cue": unit.name, "attempts": unit.attempt}
    if error.retry != "never" and unit.attempt < patience.attempts:
        wait_s = 0.0 if isinstance(error, WorkerLost) else _backoff_s(patience, unit.attempt)
        changes: Mapping[str, Any] = {"state": "waiting", "not_before_s": now_s + wait_s, "owner": "", "error": problem}
        connection.execute(update(units).where(*still).values(changes))
        return
    changes = {"state": "failed", "error": problem, "ended_s": now_s}
    if connection.execute(update(units).where(*still).values(changes)).rowcount:
        end_job(connection, now_s, job, states.FAILED, retention_s=settings.retention_s, error=problem)


def release(database: Database, held: Held) -> None:
    """Give a unit back undone, to be taken over at once; the attempt does not count."""
    unit_id, token = held
    with database.writing() as connection:
        now_s = database.now_s(connection)
        connection.execute(
            update(units)
            .where(units.c.id == unit_id, units.c.token == token, units.c.state == "leased")
            .values(state="waiting", attempt=units.c.attempt - 1, not_before_s=now_s, owner="")
        )


def _backoff_s(patience: Patience, attempt: int) -> float:
    return patience.backoff_s[min(attempt, len(patience.backoff_s)) - 1]


def _mine(connection: Connection, held: Held) -> Row[Any] | None:
    unit_id, token = held
    mine = select(units).where(units.c.id == unit_id, units.c.token == token, units.c.state == "leased")
    return connection.execute(mine).one_or_none()


def _keep(connection: Connection, now_s: float, unit: Row[Any], token: int, outcome: Outcome) -> None:
    """Remember the result for whoever asks for exactly the same; the first one stays."""
    same = [results.c.tenant_id == unit.tenant_id, results.c.key == unit.key]
    if connection.execute(select(results.c.key).where(*same)).one_or_none() is None:
        connection.execute(
            insert(results).values(
                tenant_id=unit.tenant_id,
                key=unit.key,
                prefix=attempt_prefix(unit.tenant_id, unit.id, token),
                outcome=outcome.to_json(),
                used_s=now_s,
            )
        )


def _publish(connection: Connection, now_s: float, unit: Row[Any], token: int, outcome: Outcome) -> None:
    for file in outcome.files:
        if not file.shown:
            continue
        # Two units of a job may show a file of the same name (the sheet as spotted, and as used): the later one counts.
        connection.execute(delete(artefacts).where(artefacts.c.job_id == unit.job_id, artefacts.c.name == file.name))
        connection.execute(
            insert(artefacts).values(
                id=new_id("file"),
                job_id=unit.job_id,
                tenant_id=unit.tenant_id,
                unit_id=unit.id,
                token=token,
                name=file.name,
                storage_key=file.key,
                size_bytes=file.size_bytes,
                sha256=file.sha256,
                media_type=file.media_type,
                created_s=now_s,
            )
        )
