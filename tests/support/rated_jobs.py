"""A service's database with vocabularies, and with jobs that succeeded and were rated."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

from sqlalchemy import insert, update
from units_done import Telling

from integrations.experiments.assigning import arm_number, assign
from integrations.experiments.experiment import running_experiment
from integrations.jobs.claiming import claim
from integrations.jobs.database import Database
from integrations.jobs.ids import new_id
from integrations.jobs.intake import Ask, take_in
from integrations.jobs.leasing import finish
from integrations.jobs.migrating import migrate
from integrations.jobs.orders import Order
from integrations.jobs.tables import jobs, ratings, units
from integrations.jobs.tenants import Tenant, ensure_tenant
from integrations.service.settings import QUEUES, Quota, ServiceSettings
from integrations.storage.opening import open_storage
from integrations.work.performing import perform
from integrations.work.task import Outcome

PLENTY = Quota(waiting_jobs=10**6)


def a_database(folder: Path) -> Database:
    """A new SQLite database with every table."""
    database = Database(f"sqlite:///{folder / 'service.db'}")
    migrate(database)
    return database


def other_vocabulary(version: str) -> str:
    """The built-in vocabulary's text under another version, and so with another hash."""
    text = (resources.files("scoring") / "data" / "vocabulary.toml").read_text(encoding="utf-8")
    head, _, rest = text.partition("version = ")
    return f'{head}version = "{version}"\n' + rest.partition("\n")[2]


def a_tenant(database: Database, name: str = "acme") -> Tenant:
    """A tenant that may do as much as it likes."""
    ensure_tenant(database, name)
    return Tenant(name, PLENTY)


def a_film(number: int) -> dict[str, object]:
    """A film in the storage, as an order's source has it."""
    sha256 = hashlib.sha256(f"film {number}".encode()).hexdigest()
    return {"key": f"films/{number}", "sha256": sha256, "size_bytes": 1000, "name": f"film{number}.mp4"}


def scored(database: Database, tenant: Tenant, film: int, cues: tuple[str, ...] = ("1m1",)) -> tuple[str, str | None]:
    """A score job taken in as the API does it, and ended well; its id and its arm. No worker has run."""
    order, arm = assign(database, tenant, Order("score"), a_film(film))
    job_id = take_in(database, tenant, Ask(order, a_film(film), arm=arm, asked=Order("score"))).job_id
    blank = {"payload": {}, "attempt": 1, "token": 1, "owner": "", "lease_until_s": 0.0, "not_before_s": 0.0}
    with database.writing() as connection:
        now_s = database.now_s(connection)
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(state="succeeded", ended_s=now_s))
        for cue in cues:
            row = {"id": new_id("unit"), "job_id": job_id, "tenant_id": tenant.id, "kind": "compose", "name": cue}
            where = {"queue": "compose", "rank": 3, "state": "done", "key": "", "batch_key": "", "progress": 1.0}
            connection.execute(insert(units).values({**row, **where, **blank, "created_s": now_s}))
    return job_id, None if arm is None else arm["arm"]


def rated(database: Database, tenant: Tenant, each: int, stars: dict[str, list[int]]) -> None:
    """As if films had been scored and rated until there were so many of each arm of the experiment that runs, and the
    jobs were gone since. stars: of each arm, taken in turn.
    """
    rows: list[dict[str, object]] = []
    given = dict.fromkeys(stars, 0)
    with database.writing() as connection:
        experiment = running_experiment(connection)
        assert experiment is not None
        for number in range(40 * each):
            film = str(a_film(number)["sha256"])
            arm = experiment.arms[arm_number(experiment.id, tenant.id, film, len(experiment.arms))].name
            if given[arm] < each:
                said = {"stars": stars[arm][given[arm] % len(stars[arm])], "comment": "", "cue": "", "created_s": 1.0}
                named = {"id": new_id("rating"), "tenant_id": tenant.id, "job_id": new_id("job"), "film": film}
                rows.append({**said, **named, "experiment": experiment.name, "arm": arm})
                given[arm] += 1
        assert min(given.values()) == each, f"the arms are not balanced: {given}"
        connection.execute(insert(ratings), rows)


def work_off(database: Database, settings: ServiceSettings, work: Path) -> None:
    """Do every unit that waits, in this process, as a worker's child would."""
    storage = open_storage(settings.storage_url)
    work.mkdir(parents=True, exist_ok=True)
    while (lease := claim(database, settings, "me", QUEUES)) is not None:
        (outcome,) = perform(
            [lease.task], storage=storage, settings=settings.media, work=work, tell=Telling(), cancelled=lambda: False
        )
        assert isinstance(outcome, Outcome), outcome
        assert finish(database, settings, (lease.unit_id, lease.token), outcome)
